//! What a placed order answers to whoever placed it, now and at every repetition: worked out from what the order came
//! to first, which is written once and never changes.

use identity::Shopper;
use uuid::Uuid;

use crate::Error;
use crate::order::{OrderLink, OrderState};
use crate::place::token::Token;
use crate::purchase::Purchase;
use crate::settle::attempt::AttemptState;

/// An order that a request made, now or earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// The address of its page.
    pub link: OrderLink,
    /// What came of it.
    pub progress: Progress,
    /// The shopper can pay on the bank's page now.
    pub payable: bool,
    /// Whether an earlier arrival of the same request made it.
    pub replayed: bool,
}

/// What placing an order came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The bank's page was opened for it.
    Page,
    /// The bank has not answered yet: a worker goes on.
    Pending,
    /// Another arrival of the same request is at work on it.
    InFlight,
    /// Paid by the client's payment method.
    Paid,
    /// The bank refused the client's payment method; nothing was ordered.
    Declined {
        /// The bank's code for the reason.
        code: String,
    },
    /// It ended unpaid before it could be paid.
    Ended,
}

/// An order and how far its first payment has come: the first attempt that the bank knows of, else the newest.
pub(crate) struct Ordered {
    link: Uuid,
    state: OrderState,
    cancel_wished: bool,
    pub attempt: Uuid,
    attempt_state: AttemptState,
    page_opened: bool,
    decline_code: Option<String>,
    leased: bool,
}

impl Ordered {
    /// The bank has not been asked yet, or its answer has not been heard, and nobody is at work on it.
    pub(crate) fn is_left_alone(&self) -> bool {
        !self.leased && matches!(self.progress(), Progress::Pending)
    }

    pub(crate) fn placed(&self) -> Placed {
        let payable = self.page_opened
            && self.attempt_state == AttemptState::Open
            && self.state == OrderState::AwaitingPayment
            && !self.cancel_wished;
        Placed { link: OrderLink(self.link), progress: self.progress(), payable, replayed: true }
    }

    fn progress(&self) -> Progress {
        match self.attempt_state {
            _ if self.page_opened => Progress::Page,
            state if state.has_sold() => Progress::Paid,
            AttemptState::Closed if self.state == OrderState::Declined => {
                Progress::Declined { code: self.decline_code.clone().unwrap_or_else(|| "declined".to_owned()) }
            }
            AttemptState::Closed => Progress::Ended,
            _ if self.leased => Progress::InFlight,
            _ => Progress::Pending,
        }
    }
}

impl Purchase {
    pub(crate) async fn ordered(&self, order: Uuid) -> Result<Ordered, Error> {
        let ordered = sqlx::query_as!(
            Ordered,
            r#"
            select orders.link as "link: Uuid", orders.state as "state: OrderState",
                   orders.cancel_wished_at is not null as "cancel_wished!: bool",
                   payment_attempt.id as "attempt: Uuid", payment_attempt.state as "attempt_state: AttemptState",
                   payment_attempt.session_id is not null as "page_opened!: bool", payment_attempt.decline_code,
                   payment_attempt.leased_by is not null and payment_attempt.settle_at > utc_timestamp(6)
                       as "leased!: bool"
            from orders join payment_attempt on payment_attempt.order_id = orders.id
            where orders.id = ?
            order by coalesce(session_id, intent_id) is null,
                     if(coalesce(session_id, intent_id) is null, -1, 1) * cast(payment_attempt.number as signed)
            limit 1
            "#,
            order
        )
        .fetch_one(self.database().pool())
        .await?;
        Ok(ordered)
    }

    /// The order that this token's basket became, under whichever key, if it is this shopper's.
    pub(crate) async fn order_of_token(&self, shopper: &Shopper, token: Token) -> Result<Option<Uuid>, Error> {
        let customer = shopper.customer().map(|customer| customer.id().as_uuid());
        let order = sqlx::query!(
            r#"
            select orders.id as "id: Uuid" from orders left join shopper on shopper.id = orders.shopper_id
            where orders.token = ? and (orders.shopper_id = ? or shopper.customer_id = ?)
            "#,
            token.as_bytes(),
            shopper.id().as_uuid(),
            customer
        )
        .fetch_optional(self.database().pool())
        .await?;
        Ok(order.map(|order| order.id))
    }
}
