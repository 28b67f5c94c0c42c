//! What others may ask of the notifier: the messages, their versions, and the names at the broker under which
//! they travel. Pure data; the shop writes these, the notifier reads them.

mod address_proof;
mod names;
mod order_confirmed;
mod payment_failed;
mod payment_returned;

use std::fmt;

use serde::de::DeserializeOwned;

pub use address_proof::AddressProof;
pub use names::{Names, VERSION_HEADER};
pub use order_confirmed::{Line, OrderConfirmed, Vat};
pub use payment_failed::PaymentFailed;
pub use payment_returned::{PaymentReturned, ReturnReason};

/// Every kind of message, which is also its routing key.
pub const KINDS: [&str; 4] = [AddressProof::KIND, OrderConfirmed::KIND, PaymentFailed::KIND, PaymentReturned::KIND];

/// A message in its newest version.
#[derive(Clone, PartialEq, Eq)]
pub enum Message {
    /// An address is to be proved: send the link.
    AddressProof(AddressProof),
    /// An order is paid for: confirm it.
    OrderConfirmed(OrderConfirmed),
    /// The money for a confirmed order never came: say so, and ask for another payment.
    PaymentFailed(PaymentFailed),
    /// Money was given back: say so.
    PaymentReturned(PaymentReturned),
}

impl Message {
    /// The kind, such as `order.confirmed`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AddressProof(_) => AddressProof::KIND,
            Self::OrderConfirmed(_) => OrderConfirmed::KIND,
            Self::PaymentFailed(_) => PaymentFailed::KIND,
            Self::PaymentReturned(_) => PaymentReturned::KIND,
        }
    }

    /// The version of that kind's payload.
    #[must_use]
    pub fn version(&self) -> u16 {
        match self {
            Self::AddressProof(_) => AddressProof::VERSION,
            Self::OrderConfirmed(_) => OrderConfirmed::VERSION,
            Self::PaymentFailed(_) => PaymentFailed::VERSION,
            Self::PaymentReturned(_) => PaymentReturned::VERSION,
        }
    }

    /// The payload, as JSON.
    #[must_use]
    pub fn payload(&self) -> String {
        let json = match self {
            Self::AddressProof(proof) => serde_json::to_value(proof),
            Self::OrderConfirmed(order) => serde_json::to_value(order),
            Self::PaymentFailed(payment) => serde_json::to_value(payment),
            Self::PaymentReturned(payment) => serde_json::to_value(payment),
        };
        // Structs of strings, integers and lists always have a JSON form.
        json.map(|value| value.to_string()).unwrap_or_default()
    }

    /// Reads a payload back.
    ///
    /// # Errors
    /// [`Unreadable`], which tells a message that this build does not know from one that is broken.
    pub fn decode(kind: &str, version: u16, payload: &[u8]) -> Result<Self, Unreadable> {
        match (kind, version) {
            (AddressProof::KIND, 1) => parse(payload).map(Self::AddressProof),
            (OrderConfirmed::KIND, 1 | 2) => parse(payload).map(Self::OrderConfirmed),
            (PaymentFailed::KIND, 1) => parse(payload).map(Self::PaymentFailed),
            (PaymentReturned::KIND, 1 | 2) => parse(payload).map(Self::PaymentReturned),
            _ if KINDS.contains(&kind) => Err(Unreadable::UnknownVersion),
            _ => Err(Unreadable::UnknownKind),
        }
    }
}

/// Kind and version only: a payload never reaches a log.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}", self.kind(), self.version())
    }
}

/// Why a message cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Written for a notifier that knows more kinds.
    #[error("the kind is unknown")]
    UnknownKind,
    /// Written for a notifier that knows this kind differently.
    #[error("the version is unknown")]
    UnknownVersion,
    /// Not what its kind and version promise.
    #[error("the payload is malformed at line {line}, column {column}")]
    Malformed {
        /// Where reading stopped, from 1; 0 when the payload as a whole is meant.
        line: usize,
        /// See `line`.
        column: usize,
    },
}

fn parse<T: DeserializeOwned>(payload: &[u8]) -> Result<T, Unreadable> {
    // Only the place is kept: serde's own words quote the payload.
    serde_json::from_slice(payload)
        .map_err(|error| Unreadable::Malformed { line: error.line(), column: error.column() })
}
