//! Orders that were made as a guest join the account that has proved their address.

use std::collections::BTreeSet;

use identity::AddressOwner;
use uuid::Uuid;

use crate::purchase::Purchase;
use crate::{Error, list};

impl Purchase {
    /// Gives the account every order that a guest has placed with its address and that no account has; asked again, those
    /// that have come since. Such an order has taken no step by it, and the guest who made it stays nobody's.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_orders(&self, owner: &AddressOwner) -> Result<(), Error> {
        // The column's collation takes other addresses for this one as well: it finds, and the owner decides.
        let alike = sqlx::query!(
            r#"
            select orders.id as "id: Uuid", orders.email
            from orders force index (orders_by_email) left join shopper on shopper.id = orders.shopper_id
            where orders.email = ? and orders.claimed_by is null and shopper.id is null
            "#,
            owner.email_folded()
        )
        .fetch_all(self.database().pool())
        .await?;
        let theirs: BTreeSet<Uuid> =
            alike.into_iter().filter(|order| owner.owns(&order.email)).map(|order| order.id).collect();
        if theirs.is_empty() {
            return Ok(());
        }
        let ids = &list::of_ids(&theirs)?;
        let claimed = self
            .database()
            .retry(|| async {
                // A guest may have signed in since: an order that an account has stays with it.
                let claimed = sqlx::query!(
                    r#"
                    update json_table(?, '$[*]' columns (id char(32) path '$')) as list
                           straight_join orders force index (primary) on orders.id = unhex(list.id)
                    set orders.claimed_by = ?
                    where orders.claimed_by is null
                        and not exists (select 1 from shopper where shopper.id = orders.shopper_id)
                    "#,
                    ids,
                    owner.customer().as_uuid()
                )
                .execute(self.database().pool())
                .await?;
                Ok::<_, Error>(claimed.rows_affected())
            })
            .await?;
        tracing::info!(customer = %owner.customer(), claimed, "orders made as a guest were claimed");
        Ok(())
    }
}
