//! Dealing the uses that are left out to those who wait, in order of arrival.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use sqlx::MySqlConnection;
use uuid::Uuid;

use super::lock::Code;
use super::{CodeRefused, CodeUse, CustomerKey, LockedCodes};
use crate::Error;
use crate::list::{self, Hex};

/// What is left of locked codes while a batch is worked out. It writes nothing: [`change()`](super::change()) does.
#[derive(Debug)]
pub struct Deal {
    codes: BTreeMap<Uuid, Code>,
    by_customer: BTreeMap<(Uuid, CustomerKey), u32>,
}

#[derive(Serialize)]
struct Pair<'a> {
    code: Hex<'a>,
    customer: Hex<'a>,
}

/// Begins to deal; for codes with a limit for each customer it counts what these customers have used. Under the codes'
/// locks nobody can add to that.
///
/// # Errors
/// When the database fails.
pub async fn deal(connection: &mut MySqlConnection, locked: &LockedCodes, wanted: &[CodeUse]) -> Result<Deal, Error> {
    let limited = |code: &Uuid| locked.0.get(code).is_some_and(|code| code.most_per_customer.is_some());
    let pairs: BTreeSet<(Uuid, CustomerKey)> =
        wanted.iter().filter(|wanted| limited(&wanted.code)).map(|wanted| (wanted.code, wanted.customer)).collect();
    let by_customer = if pairs.is_empty() { BTreeMap::new() } else { count(connection, &pairs).await? };
    Ok(Deal { codes: locked.0.clone(), by_customer })
}

/// How often these customers use these codes, uses that await payment included; a pair without any is missing.
pub(super) async fn count(
    connection: &mut MySqlConnection,
    pairs: &BTreeSet<(Uuid, CustomerKey)>,
) -> Result<BTreeMap<(Uuid, CustomerKey), u32>, Error> {
    let list: Vec<Pair<'_>> =
        pairs.iter().map(|(code, customer)| Pair { code: Hex(code.as_bytes()), customer: Hex(&customer.0) }).collect();
    let rows = sqlx::query!(
        r#"
        select discount_use.code_id as "code_id: Uuid", discount_use.customer, count(*) as "uses!: i64"
        from json_table(?, '$[*]' columns (
                 code char(32) path '$.code', customer char(64) path '$.customer')) as list
             straight_join discount_use force index (discount_use_by_customer)
             on discount_use.code_id = unhex(list.code) and discount_use.customer = unhex(list.customer)
        where discount_use.state <> 'released'
        group by discount_use.code_id, discount_use.customer
        "#,
        list::of(&list)?
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let customer =
                <[u8; 32]>::try_from(row.customer).map_err(|_| Error::Defect("a customer's key has another length"))?;
            let uses = u32::try_from(row.uses).map_err(|_| Error::Defect("a count beyond all bounds"))?;
            Ok(((row.code_id, CustomerKey(customer)), uses))
        })
        .collect()
}

impl Deal {
    /// Takes one use, if that can be had after what was dealt before.
    ///
    /// # Errors
    /// Why it cannot; nothing is taken then.
    pub fn take(&mut self, wanted: &CodeUse) -> Result<(), CodeRefused> {
        let code = self.codes.get_mut(&wanted.code).ok_or(CodeRefused::Unknown)?;
        let of_customer = self.by_customer.entry((wanted.code, wanted.customer)).or_default();
        if let Some(refused) = code.refusal(*of_customer) {
            return Err(refused);
        }
        code.held += 1;
        *of_customer += 1;
        Ok(())
    }

    /// Puts a use that was taken back, for the next in the queue.
    pub fn put_back(&mut self, taken: &CodeUse) {
        if let Some(code) = self.codes.get_mut(&taken.code) {
            code.held = code.held.saturating_sub(1);
        }
        self.by_customer.entry((taken.code, taken.customer)).and_modify(|uses| *uses = uses.saturating_sub(1));
    }
}
