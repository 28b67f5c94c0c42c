//! Lists, read page by page to the end: <https://docs.stripe.com/api/pagination>

use serde::Deserialize;
use serde::de::DeserializeOwned;
use time::OffsetDateTime;

use super::client::{Stripe, form};
use crate::payment::BankError;

/// The most that the bank puts on a page.
const PAGE: &str = "100";

/// What can be listed.
pub(super) trait Listed: DeserializeOwned {
    /// The bank's id, from which the next page goes on.
    fn id(&self) -> &str;
}

#[derive(Deserialize)]
struct Page<T> {
    data: Vec<T>,
    has_more: bool,
}

impl Stripe {
    /// Everything at `path` that the filters let through, the newest first.
    pub(super) async fn list<T: Listed>(&self, path: &str, filters: &[(&str, &str)]) -> Result<Vec<T>, BankError> {
        let mut all: Vec<T> = Vec::new();
        loop {
            let last = all.last().map(|record| record.id().to_owned());
            let mut query = filters.to_vec();
            query.push(("limit", PAGE));
            query.extend(last.as_deref().map(|id| ("starting_after", id)));
            let page: Page<T> = self.get(&format!("{path}?{}", form(&query))).await?;
            if page.has_more && page.data.is_empty() {
                return Err(BankError::Unclear("an empty page, and more to come".into()));
            }
            all.extend(page.data);
            if !page.has_more {
                return Ok(all);
            }
        }
    }

    /// Everything at `path` that was created since a moment.
    pub(super) async fn list_since<T: Listed>(
        &self,
        path: &str,
        since: OffsetDateTime,
        filters: &[(&str, &str)],
    ) -> Result<Vec<T>, BankError> {
        let since = since.unix_timestamp().to_string();
        self.list(path, &[filters, &[("created[gte]", since.as_str())]].concat()).await
    }
}
