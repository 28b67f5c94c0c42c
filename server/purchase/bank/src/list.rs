//! Lists in Stripe's shape: newest first, at most 100, filtered by creation time.

use serde_json::{Value, json};

use crate::{
    error::{Failure, Reply},
    params::Params,
};

/// What can be listed.
pub trait Listed {
    fn id(&self) -> &str;
    /// Unix seconds.
    fn created(&self) -> i64;
}

/// One page of `records`, which come newest first. Takes `limit`, `starting_after` and `created`; refuses the rest.
pub fn list<'a, T: Listed + 'a>(
    url: &str,
    mut records: impl Iterator<Item = &'a T>,
    mut params: Params,
    json: impl Fn(&T) -> Value,
) -> Result<Reply, Failure> {
    let limit = params.between("limit", 1, 100)?.unwrap_or(10);
    let after = params.text("starting_after", 100)?;
    let exactly = params.integer("created")?;
    let least = [params.integer("created[gte]")?, params.integer("created[gt]")?.map(|t| t + 1), exactly];
    let most = [params.integer("created[lte]")?, params.integer("created[lt]")?.map(|t| t - 1), exactly];
    params.finish()?;
    // The one named is the last that is skipped.
    if let Some(id) = after.filter(|id| !records.any(|record| record.id() == *id)) {
        return Err(Failure { status: 400, ..Failure::missing("object", "starting_after", &id) });
    }
    let mut data: Vec<Value> = records
        .filter(|record| least.iter().flatten().all(|bound| record.created() >= *bound))
        .filter(|record| most.iter().flatten().all(|bound| record.created() <= *bound))
        .take(usize::try_from(limit).unwrap_or(10) + 1)
        .map(json)
        .collect();
    let has_more = data.len() as i64 > limit;
    data.truncate(usize::try_from(limit).unwrap_or(10));
    Ok(Reply::ok(&json!({ "object": "list", "url": url, "has_more": has_more, "data": data })))
}
