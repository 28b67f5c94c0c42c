//! Idempotency keys: a purchase that is sent many times happens once, and every arrival gets the same answer.
//!
//! A key is written with the hold, in one transaction, and names the order, or the refusal that left none. What an
//! order's key answers follows from what the order came to first, which is written once: there is no second copy of
//! the answer that could differ. Who works on an unfinished one is its payment attempt's lease.

use std::collections::BTreeMap;

use identity::Shopper;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::MySqlConnection;
use uuid::Uuid;

use crate::Error;
use crate::list::{self, Hex};
use crate::place::hold::NewOrder;
use crate::place::token::Token;
use crate::purchase::Purchase;
use crate::total::codes::CodeRefused;

/// The most characters of a client's key.
/// <https://docs.stripe.com/api/idempotent_requests>
pub const LONGEST_KEY: usize = 255;
/// How long what a client's key came to can be asked for again; a form's token is on its order for ever.
const KEEP_HOURS: u32 = 48;

/// A key that an API client brought: compared byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientKey(String);

impl ClientKey {
    /// Reads the header's one field, quoted (RFC 8941) or not: 1 to 255 printable ASCII characters without parameters.
    /// <https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>
    #[must_use]
    pub fn parse(field: &str) -> Option<Self> {
        let field = field.trim_matches([' ', '\t']);
        let key = match field.strip_prefix('"') {
            Some(quoted) => unquoted(quoted.strip_suffix('"')?)?,
            None if field.contains(['"', ';', ',']) => return None,
            None => field.to_owned(),
        };
        let printable = key.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        (printable && (1..=LONGEST_KEY).contains(&key.len())).then_some(Self(key))
    }
}

/// The inside of a quoted string, where only `"` and `\` are escaped.
fn unquoted(inside: &str) -> Option<String> {
    let mut key = String::new();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return None,
            '\\' => key.push(characters.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            plain => key.push(plain),
        }
    }
    Some(key)
}

/// Under what a purchase is sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// The checkout form's derived token.
    Form(Token),
    /// What an API client brought.
    Client(ClientKey),
}

impl Key {
    /// As it is stored: whose it is, then the key.
    fn stored(&self) -> Vec<u8> {
        match self {
            Self::Form(token) => [b"F", token.as_bytes()].concat(),
            Self::Client(key) => [b"C", key.0.as_bytes()].concat(),
        }
    }

    /// The key as nobody else can have it.
    pub(crate) fn scoped(&self, shopper: Uuid) -> Vec<u8> {
        [shopper.as_bytes(), self.stored().as_slice()].concat()
    }
}

/// What a request asks for, in a canonical spelling: the same key with another one is refused.
pub(crate) fn fingerprint(fields: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for field in fields {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field.as_bytes());
    }
    hash.finalize().into()
}

/// Why a key has no order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Refusal {
    /// Too few copies were left.
    SoldOut {
        /// The edition that there were too few of.
        edition: u64,
        /// Copies that were left.
        left: i32,
    },
    /// The discount code could not be used any more.
    DiscountCode {
        /// Why.
        why: CodeRefused,
    },
    /// Less was left on the gift card than it was to pay.
    GiftCard,
}

/// What is stored under a key.
pub(crate) struct Record {
    pub fingerprint: Vec<u8>,
    pub outcome: Outcome,
}

/// What a key came to.
pub(crate) enum Outcome {
    /// No order.
    Refused(Refusal),
    /// The order of this id.
    Ordered(Uuid),
}

#[derive(Serialize)]
struct KeyRow<'a> {
    shopper: Hex<'a>,
    key: String,
    fingerprint: Hex<'a>,
    order: Hex<'a>,
    refusal: Option<String>,
}

fn row(order: &NewOrder, refusal: Option<Refusal>) -> Result<KeyRow<'_>, Error> {
    Ok(KeyRow {
        shopper: Hex(order.shopper.as_bytes()),
        key: hex::encode(order.key.stored()),
        fingerprint: Hex(&order.fingerprint),
        order: Hex(order.id.as_bytes()),
        refusal: refusal.map(|refusal| list::of(&refusal)).transpose()?,
    })
}

/// Claims the keys of new orders, in the order of the keys.
pub(crate) async fn insert(connection: &mut MySqlConnection, orders: &[&NewOrder]) -> Result<(), Error> {
    if failpoint::defect("no_key") {
        return Ok(());
    }
    let mut rows = BTreeMap::new();
    for order in orders {
        rows.insert(order.key.scoped(order.shopper), row(order, None)?);
    }
    sqlx::query!(
        r#"
        insert into idempotency (shopper_id, idempotency_key, fingerprint, order_id)
        select unhex(list.shopper), unhex(list.idempotency_key), unhex(list.fingerprint), unhex(list.order_id)
        from json_table(?, '$[*]' columns (
                 shopper char(32) path '$.shopper', idempotency_key varchar(512) path '$.key', fingerprint char(64) path '$.fingerprint',
                 order_id char(32) path '$.order')) as list
        "#,
        list::of(&rows.into_values().collect::<Vec<_>>())?
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Turns keys that this transaction has claimed into refusals.
pub(crate) async fn refuse(connection: &mut MySqlConnection, refused: &[(&NewOrder, Refusal)]) -> Result<(), Error> {
    if refused.is_empty() || failpoint::defect("no_key") {
        return Ok(());
    }
    let rows = refused.iter().map(|(order, refusal)| row(order, Some(*refusal))).collect::<Result<Vec<_>, _>>()?;
    let changed = sqlx::query!(
        r#"
        update json_table(?, '$[*]' columns (
                   shopper char(32) path '$.shopper', idempotency_key varchar(512) path '$.key',
                   refusal varchar(200) path '$.refusal')) as list
               straight_join idempotency force index (primary)
               on idempotency.shopper_id = unhex(list.shopper) and idempotency.idempotency_key = unhex(list.idempotency_key)
        set idempotency.order_id = null, idempotency.refusal = list.refusal
        "#,
        list::of(&rows)?
    )
    .execute(connection)
    .await?;
    if changed.rows_affected() != refused.len() as u64 {
        return Err(Error::Defect("a claimed key is not there"));
    }
    Ok(())
}

/// Gives keys up that this transaction has claimed.
pub(crate) async fn delete(connection: &mut MySqlConnection, orders: &[&NewOrder]) -> Result<(), Error> {
    if orders.is_empty() {
        return Ok(());
    }
    let rows = orders.iter().map(|order| row(order, None)).collect::<Result<Vec<_>, _>>()?;
    sqlx::query!(
        r#"
        delete idempotency
        from json_table(?, '$[*]' columns (
                 shopper char(32) path '$.shopper', idempotency_key varchar(512) path '$.key')) as list
             straight_join idempotency force index (primary)
             on idempotency.shopper_id = unhex(list.shopper) and idempotency.idempotency_key = unhex(list.idempotency_key)
        "#,
        list::of(&rows)?
    )
    .execute(connection)
    .await?;
    Ok(())
}

impl Purchase {
    /// What the key came to, for this shopper or for the customer that they have become.
    pub(crate) async fn recorded(&self, shopper: &Shopper, key: &Key) -> Result<Option<Record>, Error> {
        if failpoint::defect("no_key") {
            return Ok(None);
        }
        let customer = shopper.customer().map(|customer| customer.id().as_uuid());
        let stored = key.stored();
        let row = sqlx::query!(
            r#"
            select fingerprint, refusal, order_id as "order_id: Uuid" from idempotency
            where shopper_id = ? and idempotency_key = ?
            union all
            select idempotency.fingerprint, idempotency.refusal, idempotency.order_id
            from shopper straight_join idempotency on idempotency.shopper_id = shopper.id
            where shopper.customer_id = ? and idempotency.idempotency_key = ?
            limit 1
            "#,
            shopper.id().as_uuid(),
            stored,
            customer,
            stored
        )
        .fetch_optional(self.database().pool())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let outcome = match (row.refusal, row.order_id) {
            (None, Some(order)) => Outcome::Ordered(order),
            (Some(refusal), _) => Outcome::Refused(
                serde_json::from_str(&refusal).map_err(|_| Error::Defect("a stored refusal cannot be read"))?,
            ),
            (None, None) => return Err(Error::Defect("a key without an outcome")),
        };
        Ok(Some(Record { fingerprint: row.fingerprint, outcome }))
    }

    /// Forgets what keys came to some time ago. A form's token stays with its order for ever, and a client's as long as
    /// the order has not ended.
    pub(crate) async fn forget_old_keys(&self) -> Result<(), Error> {
        sqlx::query!(
            r#"
            delete from idempotency
            where created_at < utc_timestamp(6) - interval ? hour
              and (order_id is null or left(idempotency_key, 1) = 'C')
              and not exists (select 1 from orders where orders.id = idempotency.order_id
                              and orders.state in ('awaiting_payment', 'in_doubt'))
            limit 1000
            "#,
            KEEP_HOURS
        )
        .execute(self.database().pool())
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(field: &str) -> Option<String> {
        ClientKey::parse(field).map(|key| key.0)
    }

    /// Case 8.
    #[test]
    fn quoted_and_bare_spellings_are_one_key() {
        assert_eq!(key("\"order-7\"").as_deref(), Some("order-7"));
        assert_eq!(key("order-7"), key("\"order-7\""));
        assert_eq!(key(r#""a\"b\\c""#).as_deref(), Some(r#"a"b\c"#));
    }

    /// Case 9.
    #[test]
    fn what_is_not_one_key_is_none() {
        let long = "k".repeat(256);
        for field in ["", "\"\"", " ", &long, "a\tb", "schlüssel", "\"a\";p=1", "a, b", "\"a", "a\"", r#""a\x""#] {
            assert_eq!(key(field), None, "{field:?}");
        }
        assert!(key(&"k".repeat(255)).is_some());
    }

    /// Case 10.
    #[test]
    fn keys_differ_by_case_and_by_a_trailing_blank() {
        assert_ne!(key("A"), key("a"));
        assert_ne!(key("\"a \""), key("\"a\""));
    }

    #[test]
    fn a_fingerprint_tells_fields_apart() {
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
        assert_eq!(fingerprint(&["ab", "c"]), fingerprint(&["ab", "c"]));
    }
}
