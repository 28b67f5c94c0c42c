//! What stands at the broker, by name. The exchange is the publisher's and the notifier's; the queues are the
//! notifier's own.

/// The names at the broker. A prefix keeps several shops, or tests, on one broker apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Where messages are published: a durable topic exchange, the routing key being the message's kind.
    pub exchange: String,
    /// What the notifier reads.
    pub queue: String,
    /// Where messages end that cannot be read.
    pub dead_letters: String,
}

impl Names {
    /// The names, each after `prefix`, which may be empty.
    #[must_use]
    pub fn prefixed(prefix: &str) -> Self {
        Self {
            exchange: format!("{prefix}octavo.messages"),
            queue: format!("{prefix}notifier"),
            dead_letters: format!("{prefix}notifier.dead"),
        }
    }
}

impl Default for Names {
    fn default() -> Self {
        Self::prefixed("")
    }
}

/// The AMQP header that carries a message's version; its kind is the `type` property, its id the `message-id`.
pub const VERSION_HEADER: &str = "version";
