//! Trouble on demand, for tests: what a bank and the net between can do to a request or a webhook.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// 503, nothing done, nothing stored.
    Refuse,
    /// The connection breaks, nothing done.
    Drop,
    /// Done, and the connection breaks before the answer.
    ActThenDrop,
    /// Done, answered 500, and that is stored under the idempotency key.
    #[serde(rename = "act_then_500")]
    ActThenFail,
    /// Not done, answered 500, and that is stored under the idempotency key.
    #[serde(rename = "keep_500")]
    Fail,
    /// Done after `ms`.
    Delay,
}

/// One planned trouble.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fault {
    /// Method and route, such as `POST /v1/payment_intents/{id}/capture`; `*` is any.
    pub endpoint: String,
    pub effect: Effect,
    /// How long a delay takes, in milliseconds.
    #[serde(default)]
    pub ms: u64,
    /// How many requests it strikes.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

/// How events reach the shop.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Webhooks {
    #[default]
    Normal,
    /// Each is posted two times at once.
    Twice,
    /// What becomes due while this holds is lost.
    Never,
    /// Each waits so many milliseconds.
    Delayed { ms: i64 },
    /// Held back for so many milliseconds, then posted one after another in a random order.
    Shuffled { ms: i64 },
}

impl Webhooks {
    /// How old an event must be to be posted, in milliseconds.
    pub fn hold_ms(self) -> i64 {
        match self {
            Self::Delayed { ms } | Self::Shuffled { ms } => ms,
            _ => 0,
        }
    }
}

/// A webhook mode by name.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Normal,
    Twice,
    Never,
    Delayed,
    Shuffled,
}

/// One item of the list that `POST /control/faults` takes.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum Item {
    Webhooks {
        webhooks: Mode,
        ms: Option<u32>,
    },
    /// What webhooks are signed with, one signature for each: a secret in rotation, or a wrong one.
    Secrets {
        webhook_secrets: Vec<String>,
    },
    Fault(Fault),
}

/// The faults in force. They do not outlive the process.
#[derive(Default)]
pub struct Faults(Mutex<Plan>);

#[derive(Default)]
struct Plan {
    faults: Vec<Fault>,
    webhooks: Webhooks,
    webhook_secrets: Vec<String>,
}

impl Faults {
    /// Replaces all of them; an empty list is a healthy bank.
    pub fn replace(&self, items: Vec<Item>) {
        let mut plan = Plan::default();
        for item in items {
            match item {
                Item::Fault(fault) => plan.faults.push(fault),
                Item::Secrets { webhook_secrets } => plan.webhook_secrets = webhook_secrets,
                Item::Webhooks { webhooks, ms } => {
                    let or = |usual: u32| i64::from(ms.unwrap_or(usual));
                    plan.webhooks = match webhooks {
                        Mode::Normal => Webhooks::Normal,
                        Mode::Twice => Webhooks::Twice,
                        Mode::Never => Webhooks::Never,
                        Mode::Delayed => Webhooks::Delayed { ms: or(3000) },
                        Mode::Shuffled => Webhooks::Shuffled { ms: or(1000) },
                    };
                }
            }
        }
        *self.plan() = plan;
    }

    /// The trouble for this request, counted down.
    pub fn strike(&self, endpoint: &str) -> Option<Fault> {
        let mut plan = self.plan();
        let strikes = |fault: &&mut Fault| fault.times > 0 && (fault.endpoint == "*" || fault.endpoint == endpoint);
        let fault = plan.faults.iter_mut().find(strikes)?;
        fault.times -= 1;
        Some(fault.clone())
    }

    /// How events go out now.
    pub fn webhooks(&self) -> Webhooks {
        self.plan().webhooks
    }

    /// What webhooks are signed with now, in place of the configured secret; empty where that holds.
    pub fn webhook_secrets(&self) -> Vec<String> {
        self.plan().webhook_secrets.clone()
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Effect, Faults, Webhooks};

    #[test]
    fn faults_are_read_counted_and_replaced() {
        let faults = Faults::default();
        let list = r#"[{"endpoint":"POST /v1/refunds","effect":"act_then_500","times":2},
            {"webhooks":"delayed","ms":7}]"#;
        faults.replace(serde_json::from_str(list).unwrap());
        assert_eq!(faults.webhooks(), Webhooks::Delayed { ms: 7 });
        assert!(faults.strike("GET /v1/refunds").is_none());
        assert_eq!(faults.strike("POST /v1/refunds").unwrap().effect, Effect::ActThenFail);
        assert!(faults.strike("POST /v1/refunds").is_some());
        assert!(faults.strike("POST /v1/refunds").is_none());
        faults.replace(Vec::new());
        assert_eq!(faults.webhooks(), Webhooks::Normal);
    }
}
