//! A guest's basket joins the account's.

use identity::Customer;
use uuid::Uuid;

use super::store;
use crate::Error;
use crate::purchase::Purchase;

impl Purchase {
    /// Brings what the customer had in the basket as a guest into the account's, at every sign-in: what an earlier one
    /// left behind comes along too. Sums are capped by what one order takes and by the stock, and say so. The work goes
    /// on when the caller hangs up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn gather_baskets(&self, customer: &Customer) -> Result<(), Error> {
        let (purchase, customer) = (self.clone(), customer.clone());
        let work = async move { purchase.gather(&customer).await };
        self.tasks().spawn(work).await.unwrap_or(Err(Error::Defect("gathering baskets panicked")))
    }

    async fn gather(&self, customer: &Customer) -> Result<(), Error> {
        let account = customer.shopper_id().as_uuid();
        let left_behind = sqlx::query!(
            r#"
            select basket.id as "id: Uuid" from shopper join basket on basket.open_for = shopper.id
            where shopper.customer_id = ? and shopper.id <> ?
            "#,
            customer.id().as_uuid(),
            account
        )
        .fetch_all(self.database().pool())
        .await?;
        for from in left_behind {
            self.database()
                .retry(|| async {
                    let mut tx = self.database().begin().await?;
                    let result = store::merge(&mut tx, from.id, account).await;
                    tx.end(result).await
                })
                .await?;
        }
        Ok(())
    }
}
