//! Orders as their pages show them.

use identity::OrderHolder;
use purchase::order::cancel::CancelOutcome;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::Gateway;
use super::books::price;
use super::cost::order_cost;
use crate::error::AppError;
use crate::view::{Order, OrderLine, OrderState, OrderSummary, Payment, Returned, Way};

impl Gateway {
    /// The order whose page this is; whoever holds its link may see it.
    ///
    /// # Errors
    /// [`AppError::NotFound`], or when a module fails.
    pub async fn order(&self, link: &str) -> Result<Order, AppError> {
        let holder = OrderHolder::of_link(link).ok_or(AppError::NotFound)?;
        let order = self.purchase.order(holder).await?.ok_or(AppError::NotFound)?;
        Ok(Order {
            number: order.number,
            link: order.link.to_string(),
            state: state(order.state, order.cancel_wished, order.payment_failed),
            payment: order
                .payment
                .map(|payment| Payment { url: payment.url, minutes_left: minutes_until(payment.expires_at) }),
            lines: order
                .lines
                .into_iter()
                .map(|line| OrderLine {
                    title: line.title,
                    quantity: line.quantity,
                    unit_price: price(line.unit_price),
                    total: price(line.total),
                })
                .collect(),
            cost: order_cost(&order.total),
            discount_code: order.total.discount_code,
            returned: order
                .returned
                .into_iter()
                .map(|back| Returned { amount: price(back.amount), done: back.done })
                .collect(),
            disputed: order.disputed,
            email: order.email,
            address: match self.purchase.collect_at() {
                Some(collect_at) if order.collected => {
                    order.address.into_iter().chain([collect_at.to_owned()]).collect()
                }
                _ => order.address,
            },
            way: if order.collected { Way::Collect } else { Way::Ship },
            ordered_on: day(order.created_at),
        })
    }

    /// The signed-in customer's orders, newest first.
    ///
    /// # Errors
    /// [`AppError::SignInNeeded`], or when a module fails.
    pub async fn orders(&self) -> Result<Vec<OrderSummary>, AppError> {
        let customer = self.customer().await?;
        let orders = self.purchase.orders_of(&customer).await?;
        let summary = |order: purchase::order::history::OrderSummary| OrderSummary {
            number: order.number,
            link: order.link.to_string(),
            state: state(order.state, false, order.payment_failed),
            total: price(order.total),
            ordered_on: day(order.created_at),
        };
        Ok(orders.into_iter().map(summary).collect())
    }

    /// Cancels an order: before it is paid once the bank has closed the payment, afterwards at once.
    ///
    /// # Errors
    /// [`AppError::TooLate`], [`AppError::NotFound`], or when a module fails.
    pub async fn cancel_order(&self, link: &str) -> Result<(), AppError> {
        let holder = OrderHolder::of_link(link).ok_or(AppError::NotFound)?;
        match self.purchase.cancel_order(holder).await? {
            CancelOutcome::Wished | CancelOutcome::Refunded => Ok(()),
            CancelOutcome::TooLate => Err(AppError::TooLate),
            CancelOutcome::Unknown => Err(AppError::NotFound),
        }
    }
}

fn state(state: purchase::order::OrderState, cancel_wished: bool, payment_failed: bool) -> OrderState {
    use purchase::order::OrderState as Kept;
    match state {
        Kept::AwaitingPayment | Kept::InDoubt if cancel_wished => OrderState::BeingCancelled,
        Kept::Paid if payment_failed && cancel_wished => OrderState::BeingCancelled,
        Kept::Paid if payment_failed => OrderState::PaymentFailed,
        Kept::AwaitingPayment => OrderState::AwaitingPayment,
        Kept::Paid => OrderState::Paid,
        Kept::Expired => OrderState::Expired,
        Kept::Cancelled => OrderState::Cancelled,
        Kept::Declined => OrderState::Declined,
        Kept::Refunded => OrderState::Refunded,
        Kept::Reversed => OrderState::Reversed,
        Kept::InDoubt => OrderState::InDoubt,
    }
}

fn minutes_until(moment: PrimitiveDateTime) -> i64 {
    (moment.assume_utc() - OffsetDateTime::now_utc()).whole_minutes().max(0)
}

fn day(moment: PrimitiveDateTime) -> String {
    moment.format(format_description!("[day padding:none] [month repr:long] [year]")).unwrap_or_default()
}
