//! The one error that a server function returns: codes and ids, never free text, so that no address can put words on
//! our pages. To API clients it is problem+json (RFC 9457), with the status of its code.

use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};
use server_fn::{ContentType, Decodes, Encodes, Format, FormatType};

/// Why a form's field is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Nothing in it, or not something that it can hold.
    Missing,
    /// Not readable as what it should be.
    Malformed,
    /// Longer than it may be.
    TooLong,
    /// Shorter than it must be.
    TooShort,
    /// So common that it would be guessed.
    TooCommon,
    /// Little more than the shop's name or the e-mail address.
    TooObvious,
    /// Somebody else has it.
    Taken,
    /// Outside what can be chosen.
    OutOfRange,
    /// Not one that we know.
    Unknown,
    /// Its time has not come yet.
    NotYet,
    /// Its time is over.
    Over,
    /// Used as often as it may be.
    UsedUp,
    /// Used by this customer as often as one may.
    UsedByYou,
    /// Nothing is left on it.
    Empty,
    /// In another currency than what is in the basket.
    OtherCurrency,
}

/// A field that is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The field's name in the form.
    pub field: String,
    /// Why.
    pub why: Why,
}

/// What went wrong, for whoever called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "snake_case")]
#[error("{}", self.title())]
pub enum AppError {
    /// 400: what was sent cannot be read.
    Malformed,
    /// 400: an order of an API client needs one `Idempotency-Key`.
    KeyMissing,
    /// 400: the `Idempotency-Key` is not one key of 1 to 255 printable ASCII characters.
    KeyMalformed,
    /// 401: only for customers who are signed in.
    SignInNeeded,
    /// 401: address and password do not belong together.
    WrongCredentials,
    /// 402: the bank refused the payment method; nothing was ordered, and the books are back in the basket.
    Declined {
        /// The bank's code for the reason.
        reason: String,
    },
    /// 403: not from our own pages.
    CrossSite,
    /// 404: there is no such thing.
    NotFound,
    /// 409: the basket is not what was shown.
    BasketChanged,
    /// 409: there is nothing in the basket.
    EmptyBasket,
    /// 409: too few copies are left.
    SoldOut {
        /// The edition that there are too few of.
        edition: u64,
        /// Copies that are left.
        left: i32,
    },
    /// 409: the discount code cannot be used any more; nothing was ordered.
    CodeRefused {
        /// Why.
        why: Why,
    },
    /// 409: less is left on the gift card than it was to pay; nothing was ordered.
    GiftCardRefused,
    /// 409: an earlier arrival of the same request is at work; ask again in a moment, with the same key.
    InFlight,
    /// 409: the order ended unpaid; the books are back in the basket.
    OrderEnded,
    /// 409: the order has gone too far for that.
    TooLate,
    /// 409: the basket has all the lines that it can take.
    BasketFull,
    /// 409: the book is sold in another currency than what is in the basket.
    OtherCurrency,
    /// 410: the link that proves an address has been used, has expired, or is another account's.
    LinkOver,
    /// 413: more than a form holds.
    TooLarge,
    /// 415: neither a form nor JSON.
    UnsupportedType,
    /// 422: the `Idempotency-Key` stands for another request.
    KeyReused,
    /// 422: these fields are not acceptable.
    Invalid {
        /// Which, and why.
        fields: Vec<Refused>,
    },
    /// 503: more than can be done at once; try again.
    Busy,
    /// 500: something broke on our side; written down under the request's id.
    Broken,
}

impl AppError {
    /// One field is refused.
    #[must_use]
    pub fn refused(field: &str, why: Why) -> Self {
        Self::Invalid { fields: vec![Refused { field: field.to_owned(), why }] }
    }

    /// The status that belongs to this code.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Malformed | Self::KeyMissing | Self::KeyMalformed => StatusCode::BAD_REQUEST,
            Self::Declined { .. } => StatusCode::PAYMENT_REQUIRED,
            Self::SignInNeeded | Self::WrongCredentials => StatusCode::UNAUTHORIZED,
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BasketChanged
            | Self::EmptyBasket
            | Self::SoldOut { .. }
            | Self::CodeRefused { .. }
            | Self::GiftCardRefused
            | Self::InFlight
            | Self::OrderEnded
            | Self::TooLate
            | Self::BasketFull
            | Self::OtherCurrency => StatusCode::CONFLICT,
            Self::LinkOver => StatusCode::GONE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::KeyReused | Self::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A sentence for people; pages may say more.
    #[must_use]
    pub fn title(&self) -> &'static str {
        match self {
            Self::Malformed => "What was sent could not be read.",
            Self::KeyMissing => "An order needs an Idempotency-Key.",
            Self::KeyMalformed => "The Idempotency-Key must be one key of 1 to 255 printable ASCII characters.",
            Self::KeyReused => "This Idempotency-Key stands for another request.",
            Self::Declined { .. } => "The bank refused the payment. Nothing was ordered.",
            Self::InFlight => "The same request is being worked on. Ask again in a moment, with the same key.",
            Self::OrderEnded => "The order ended unpaid. The books are back in your basket.",
            Self::SignInNeeded => "Please sign in first.",
            Self::WrongCredentials => "E-mail address and password do not match.",
            Self::CrossSite => "This request did not come from our own pages.",
            Self::NotFound => "There is nothing at this address.",
            Self::BasketChanged => "Your basket has changed since this page was shown. Nothing was ordered.",
            Self::EmptyBasket => "There is nothing in your basket.",
            Self::SoldOut { .. } => "There are not enough copies left. Nothing was ordered.",
            Self::CodeRefused { .. } => "The discount code can no longer be used. Nothing was ordered.",
            Self::GiftCardRefused => "Less is left on the gift card than it was to pay. Nothing was ordered.",
            Self::TooLate => "This order can no longer be cancelled here.",
            Self::BasketFull => "Your basket is full.",
            Self::OtherCurrency => "This book is sold in another currency than what is in your basket.",
            Self::LinkOver => "This link has been used, has expired, or belongs to another account.",
            Self::TooLarge => "That is more than this form can take.",
            Self::UnsupportedType => "Please send a form or JSON.",
            Self::Invalid { .. } => "Please check the fields below.",
            Self::Busy => "We are very busy at the moment. Please try again in a few seconds.",
            Self::Broken => "Something went wrong on our side.",
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = ProblemJson;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::Malformed
            }
            _ => Self::Broken,
        }
    }
}

/// How errors travel.
pub struct ProblemJson;

impl ContentType for ProblemJson {
    const CONTENT_TYPE: &'static str = "application/problem+json";
}

impl FormatType for ProblemJson {
    const FORMAT_TYPE: Format = Format::Text;
}

#[derive(Serialize)]
struct Problem<'a> {
    title: &'static str,
    status: u16,
    #[serde(flatten)]
    error: &'a AppError,
}

impl Encodes<AppError> for ProblemJson {
    type Error = serde_json::Error;

    fn encode(error: &AppError) -> Result<Bytes, Self::Error> {
        let problem = Problem { title: error.title(), status: error.status().as_u16(), error };
        serde_json::to_vec(&problem).map(Bytes::from)
    }
}

impl Decodes<AppError> for ProblemJson {
    type Error = serde_json::Error;

    #[cfg(not(target_arch = "wasm32"))]
    fn decode(bytes: Bytes) -> Result<AppError, Self::Error> {
        serde_json::from_slice(&bytes)
    }

    /// Islands only ask whether a call failed: the browser need not load the code that reads why.
    #[cfg(target_arch = "wasm32")]
    fn decode(_: Bytes) -> Result<AppError, Self::Error> {
        Ok(AppError::Broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_travels_with_its_status_and_arrives_as_it_was() {
        let error = AppError::SoldOut { edition: 7, left: 1 };
        let bytes = ProblemJson::encode(&error).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(json["code"], "sold_out");
        assert_eq!(json["status"], 409);
        assert_eq!(ProblemJson::decode(bytes).unwrap(), error);
    }
}
