//! The letters: what a message becomes, as the exact bytes that every try sends.

mod moment;
mod money;

use askama::Template;
use lettre::Address;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use messages::{AddressProof, Message, OrderConfirmed, PaymentFailed, PaymentReturned, ReturnReason};
use time::PrimitiveDateTime;
use uuid::Uuid;

/// What the column `recipient` holds, and SMTP allows.
const LONGEST_ADDRESS: usize = 254;

/// Far more than a letter has, and less than the database or a mail server refuses.
const LONGEST_MAIL: usize = 5 * 1024 * 1024;

/// A rendered mail.
pub struct Letter {
    pub id: Uuid,
    pub kind: &'static str,
    pub recipient: String,
    pub subject: String,
    /// The Message-ID, in angle brackets.
    pub message_id: String,
    pub mime: Vec<u8>,
    /// From when on it is of no use, UTC. A letter with an end carries a link that works once, and is kept no longer
    /// than it must be.
    pub not_after: Option<PrimitiveDateTime>,
}

/// Why a message cannot become a mail.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// The address cannot be one.
    #[error("the address is not one")]
    Address,
    /// The letter is longer than any real one.
    #[error("the letter is too long")]
    TooLong,
    /// A template failed, or the parts do not make a mail.
    #[error("the letter cannot be made")]
    Make,
}

#[derive(Template)]
#[template(path = "address_proof.txt", escape = "none")]
struct AddressProofText<'a> {
    shop: &'a str,
    until: &'a str,
    proof: &'a AddressProof,
}

#[derive(Template)]
#[template(path = "address_proof.html")]
struct AddressProofHtml<'a> {
    shop: &'a str,
    until: &'a str,
    proof: &'a AddressProof,
}

#[derive(Template)]
#[template(path = "order_confirmed.txt", escape = "none")]
struct OrderConfirmedText<'a> {
    shop: &'a str,
    order: &'a OrderConfirmed,
}

#[derive(Template)]
#[template(path = "order_confirmed.html")]
struct OrderConfirmedHtml<'a> {
    shop: &'a str,
    order: &'a OrderConfirmed,
}

#[derive(Template)]
#[template(path = "payment_failed.txt", escape = "none")]
struct PaymentFailedText<'a> {
    shop: &'a str,
    payment: &'a PaymentFailed,
}

#[derive(Template)]
#[template(path = "payment_failed.html")]
struct PaymentFailedHtml<'a> {
    shop: &'a str,
    payment: &'a PaymentFailed,
}

#[derive(Template)]
#[template(path = "payment_returned.txt", escape = "none")]
struct PaymentReturnedText<'a> {
    shop: &'a str,
    payment: &'a PaymentReturned,
}

#[derive(Template)]
#[template(path = "payment_returned.html")]
struct PaymentReturnedHtml<'a> {
    shop: &'a str,
    subject: &'a str,
    payment: &'a PaymentReturned,
}

impl Letter {
    /// Renders the letter that `message` asks for; the shop is called as `from` is.
    pub fn write(message: &Message, from: &Mailbox) -> Result<Self, Unwritable> {
        let shop = from.name.as_deref().unwrap_or_else(|| from.email.domain());
        let not_after = not_after(message)?;
        let (to, name, subject, text, html) = match message {
            Message::AddressProof(proof) => {
                let until = &not_after.map(moment::show).unwrap_or_default();
                (
                    &proof.email,
                    "",
                    format!("Prove your e-mail address at {shop}"),
                    AddressProofText { shop, until, proof }.render(),
                    AddressProofHtml { shop, until, proof }.render(),
                )
            }
            Message::OrderConfirmed(order) => (
                &order.email,
                order.name.as_str(),
                format!("Your order {} at {shop}", order.order_number),
                OrderConfirmedText { shop, order }.render(),
                OrderConfirmedHtml { shop, order }.render(),
            ),
            Message::PaymentFailed(payment) => (
                &payment.email,
                payment.name.as_str(),
                format!("Your payment for order {} has failed", payment.order_number),
                PaymentFailedText { shop, payment }.render(),
                PaymentFailedHtml { shop, payment }.render(),
            ),
            Message::PaymentReturned(payment) => {
                let subject = match payment.reason {
                    ReturnReason::OnGiftCard => "Your money is back on your gift card",
                    ReturnReason::TooLate | ReturnReason::Cancelled | ReturnReason::ByShop => {
                        "Your money is on its way back"
                    }
                };
                (
                    &payment.email,
                    payment.name.as_str(),
                    format!("{subject}: order {}", payment.order_number),
                    PaymentReturnedText { shop, payment }.render(),
                    PaymentReturnedHtml { shop, subject, payment }.render(),
                )
            }
        };
        let address: Address = to.parse().map_err(|_| Unwritable::Address)?;
        if to.len() > LONGEST_ADDRESS {
            return Err(Unwritable::Address);
        }
        let (Ok(text), Ok(html)) = (text, html) else { return Err(Unwritable::Make) };
        let id = Uuid::now_v7();
        let message_id = format!("<{id}@{}>", from.email.domain());
        let subject: String = one_line(&subject).chars().take(200).collect();
        let mail = lettre::Message::builder()
            .from(from.clone())
            .to(Mailbox::new((!name.is_empty()).then(|| one_line(name)), address))
            .subject(&subject)
            .message_id(Some(message_id.clone()))
            .date_now()
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map_err(|_| Unwritable::Make)?;
        let mime = mail.formatted();
        if mime.len() > LONGEST_MAIL {
            return Err(Unwritable::TooLong);
        }
        Ok(Self { id, kind: message.kind(), recipient: to.clone(), subject, message_id, mime, not_after })
    }
}

/// When what `message` asks for comes too late to be of use.
fn not_after(message: &Message) -> Result<Option<PrimitiveDateTime>, Unwritable> {
    match message {
        Message::AddressProof(proof) => moment::of(proof.valid_until).map(Some).ok_or(Unwritable::Make),
        Message::OrderConfirmed(_) | Message::PaymentFailed(_) | Message::PaymentReturned(_) => Ok(None),
    }
}

/// Nothing that a shopper wrote can begin a new header.
fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Tells other machines not to answer (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> OrderConfirmed {
        let example = include_bytes!("../../messages/examples/order.confirmed.2.json");
        match Message::decode("order.confirmed", 2, example).unwrap() {
            Message::OrderConfirmed(order) => order,
            _ => panic!("not an order"),
        }
    }

    fn write(order: OrderConfirmed) -> Letter {
        let from = "Octavo <orders@octavo.example>".parse().unwrap();
        Letter::write(&Message::OrderConfirmed(order), &from).unwrap()
    }

    fn headers(letter: &Letter) -> Vec<String> {
        let mime = std::str::from_utf8(&letter.mime).unwrap();
        let (headers, _) = mime.split_once("\r\n\r\n").unwrap();
        headers.replace("\r\n ", " ").lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_confirmation_names_lines_totals_address_and_the_orders_page() {
        let order = order();
        for text in [
            OrderConfirmedText { shop: "Octavo", order: &order }.render().unwrap(),
            OrderConfirmedHtml { shop: "Octavo", order: &order }.render().unwrap(),
        ] {
            for part in [
                "K7PQ2M4XD",
                "A Wizard of Earthsea",
                "Война и мир",
                "€10.99",
                "€21.98",
                "€4.65",
                "€11.90",
                "€53.73",
                "20 % VAT in it",
                "€1.50",
                "Paid by gift card",
                "€10.00",
                "It goes to",
                "SW1Y 4JH",
            ] {
                assert!(text.contains(part), "{part} is missing in:\n{text}");
            }
            assert!(text.contains(&order.order_url));
        }
    }

    #[test]
    fn a_proof_of_an_address_has_its_link_and_its_end_and_says_what_a_stranger_need_not_do() {
        let example = include_bytes!("../../messages/examples/address.proof.1.json");
        let message = Message::decode("address.proof", 1, example).unwrap();
        let Message::AddressProof(proof) = &message else { panic!("not a proof") };
        let letter = Letter::write(&message, &"Octavo <orders@octavo.example>".parse().unwrap()).unwrap();
        let end = letter.not_after.unwrap();
        assert_eq!(end.assume_utc().unix_timestamp(), proof.valid_until);
        let until = &moment::show(end);
        for text in [
            AddressProofText { shop: "Octavo", until, proof }.render().unwrap(),
            AddressProofHtml { shop: "Octavo", until, proof }.render().unwrap(),
        ] {
            for part in [proof.proof_url.as_str(), "25 November 2026, 14:05 UTC", "If it was not you"] {
                assert!(text.contains(part), "{part} is missing in:\n{text}");
            }
        }
        let headers = headers(&letter).join("\n");
        assert!(!headers.contains("0f1e2d3c4b5a6978"), "a header is shown and logged where a text is not: {headers}");
        let endless = Message::AddressProof(AddressProof { valid_until: i64::MAX, ..proof.clone() });
        let refused = Letter::write(&endless, &"Octavo <orders@octavo.example>".parse().unwrap());
        assert!(matches!(refused, Err(Unwritable::Make)));
        assert_eq!(write(order()).not_after, None);
    }

    #[test]
    fn a_failed_payment_can_be_made_anew_until_the_order_is_called_off() {
        let example = include_bytes!("../../messages/examples/payment.failed.1.json");
        let Message::PaymentFailed(mut payment) = Message::decode("payment.failed", 1, example).unwrap() else {
            panic!("not a payment")
        };
        let both = |payment: &PaymentFailed| {
            [
                PaymentFailedText { shop: "Octavo", payment }.render().unwrap(),
                PaymentFailedHtml { shop: "Octavo", payment }.render().unwrap(),
            ]
        };
        for text in both(&payment) {
            for part in ["K7PQ2M4XD", "€46.48", "by 25 November 2026, 14:05 UTC", payment.order_url.as_str()] {
                assert!(text.contains(part), "{part} is missing in:\n{text}");
            }
        }
        payment.pay_until = None;
        for text in both(&payment) {
            assert!(text.contains("called the order off") && !text.contains(&payment.order_url), "{text}");
        }
    }

    #[test]
    fn money_that_goes_back_is_named_whyever_it_does() {
        let example = include_bytes!("../../messages/examples/payment.returned.1.json");
        let Message::PaymentReturned(mut payment) = Message::decode("payment.returned", 1, example).unwrap() else {
            panic!("not a payment")
        };
        for (reason, words) in [
            (ReturnReason::TooLate, "after the order had ended"),
            (ReturnReason::Cancelled, "since you have cancelled the order"),
            (ReturnReason::OnGiftCard, "are on the card again"),
            (ReturnReason::ByShop, "of what you paid for order K7PQ2M4XD back to you"),
        ] {
            payment.reason = reason;
            for text in [
                PaymentReturnedText { shop: "Octavo", payment: &payment }.render().unwrap(),
                PaymentReturnedHtml { shop: "Octavo", subject: "Your money is on its way back", payment: &payment }
                    .render()
                    .unwrap(),
            ] {
                assert!(text.contains(words) && text.contains("€46.48") && text.contains("K7PQ2M4XD"), "{text}");
            }
        }
    }

    #[test]
    fn a_mail_says_when_by_whom_and_that_a_machine_wrote_it() {
        let letter = write(order());
        assert_eq!(letter.message_id, format!("<{}@octavo.example>", letter.id));
        let headers = headers(&letter);
        for header in [
            "From: Octavo <orders@octavo.example>",
            "To: \"Ada Lovelace\" <ada@example.org>",
            "Subject: Your order K7PQ2M4XD at Octavo",
            "Auto-Submitted: auto-generated",
            &format!("Message-ID: {}", letter.message_id),
        ] {
            assert!(headers.iter().any(|line| line == header), "{header} is missing in {headers:#?}");
        }
        assert!(headers.iter().any(|line| line.starts_with("Date: ")));
        assert!(letter.mime.is_ascii(), "every mail server takes it");
    }

    #[test]
    fn a_name_in_any_script_survives() {
        let letter = write(OrderConfirmed { name: "Лев Толстой".into(), ..order() });
        assert!(headers(&letter).iter().any(|line| line.starts_with("To: =?utf-8?b?")), "{:#?}", headers(&letter));
    }

    #[test]
    fn a_line_break_in_a_name_or_number_begins_no_header() {
        for evil in ["Ada\r\nBcc: all@example.org", "Ada\nBcc: all@example.org", "Ada\rBcc: all@example.org"] {
            let letter = write(OrderConfirmed { name: evil.into(), order_number: evil.into(), ..order() });
            assert!(!headers(&letter).iter().any(|line| line.starts_with("Bcc")), "{:#?}", headers(&letter));
            assert!(!letter.subject.contains(char::is_control));
        }
    }

    #[test]
    fn an_address_that_is_none_or_two_is_refused() {
        let from = "Octavo <orders@octavo.example>".parse().unwrap();
        let long = format!("{}@example.org", "a".repeat(250));
        for email in ["", "ada", "ada@example.org\r\nBcc: all@example.org", "a@b.org, c@d.org", "<a@b.org>", &long] {
            let message = Message::OrderConfirmed(OrderConfirmed { email: email.into(), ..order() });
            assert!(matches!(Letter::write(&message, &from), Err(Unwritable::Address)), "{email:?}");
        }
    }

    #[test]
    fn what_a_shopper_wrote_is_no_markup() {
        let order = OrderConfirmed { name: "<img src=x>".into(), ..order() };
        let html = OrderConfirmedHtml { shop: "Octavo", order: &order }.render().unwrap();
        assert!(!html.contains("<img"));
    }
}
