//! Idempotency keys as Stripe v1 keeps them: the first answer, whatever it was, for the same request.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use crate::{
    books::{Draft, Entry},
    error::{Failure, Reply},
};

/// A key is forgotten after this many seconds.
const KEPT: i64 = 24 * 3600;

/// What was asked under a key, and the answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Answer {
    pub key: String,
    pub path: String,
    pub fingerprint: String,
    pub status: u16,
    pub body: String,
    pub created: i64,
}

/// A keyed request.
#[derive(Clone)]
pub struct Keyed {
    pub key: String,
    pub path: String,
    pub fingerprint: String,
}

impl Keyed {
    /// The stored answer, if this very request was answered already.
    pub fn replay(&self, draft: &Draft<'_>) -> Result<Option<Reply>, Failure> {
        let Some(answer) = draft.answer(&self.key) else {
            return Ok(None);
        };
        if answer.created + KEPT <= draft.now() {
            return Ok(None);
        }
        let key = &self.key;
        let other = format!("Try using a key other than '{key}' if you meant to execute a different request.");
        if answer.path != self.path {
            return Err(Failure::key_mismatch(format!(
                "Keys for idempotent requests can only be used for the same endpoint they were \
                 first used for ('{}' vs '{}'). {other}",
                self.path, answer.path
            )));
        }
        if answer.fingerprint != self.fingerprint {
            return Err(Failure::key_mismatch(format!(
                "Keys for idempotent requests can only be used with the same parameters they were \
                 first used with. {other}"
            )));
        }
        Ok(Some(Reply { status: answer.status, body: answer.body.clone(), replayed: true }))
    }

    /// Stores the answer in the same change as what it speaks of.
    pub fn store(&self, draft: &mut Draft<'_>, reply: &Reply) {
        draft.put(Entry::Answer(Answer {
            key: self.key.clone(),
            path: self.path.clone(),
            fingerprint: self.fingerprint.clone(),
            status: reply.status,
            body: reply.body.clone(),
            created: draft.now(),
        }));
    }
}

/// The keys whose requests are under way.
#[derive(Clone, Default)]
pub struct InFlight(Arc<Mutex<HashSet<String>>>);

impl InFlight {
    /// Claims a key until the claim is dropped; 409 if somebody has it.
    pub fn claim(&self, key: &str) -> Result<Claim, Failure> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !keys.insert(key.to_owned()) {
            return Err(Failure::key_in_use());
        }
        Ok(Claim { keys: self.clone(), key: key.to_owned() })
    }
}

/// Holds a key.
pub struct Claim {
    keys: InFlight,
    key: String,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.keys.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}
