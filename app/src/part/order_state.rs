//! How far an order has come, in plain words.

use leptos::prelude::*;

use crate::view::OrderState;

/// Two or three words for lists.
#[component]
pub fn OrderTag(
    /// How far it has come.
    state: OrderState,
) -> impl IntoView {
    let (class, words) = match state {
        OrderState::AwaitingPayment => ("tag tag-open", "Awaiting payment"),
        OrderState::BeingCancelled => ("tag tag-open", "Being cancelled"),
        OrderState::InDoubt => ("tag tag-open", "Waiting for the bank"),
        OrderState::Paid => ("tag tag-good", "Paid"),
        OrderState::PaymentFailed => ("tag tag-open", "Payment failed"),
        OrderState::Expired => ("tag", "Not paid in time"),
        OrderState::Cancelled | OrderState::Refunded | OrderState::Reversed => ("tag", "Cancelled"),
        OrderState::Declined => ("tag", "Payment declined"),
    };
    view! { <span class=class>{words}</span> }
}

/// The same for whoever comes back from the bank before the bank has told us.
pub const BACK_FROM_THE_BANK: (&str, &str) = (
    "Thank you. We are waiting for the bank",
    "It confirms most payments within seconds. You need not do anything: this page changes by itself.",
);

/// A heading and a sentence for the order's own page.
#[must_use]
pub fn state_words(state: OrderState) -> (&'static str, &'static str) {
    match state {
        OrderState::AwaitingPayment => (
            "Your books are held for you",
            "Nobody else can buy them while you pay. This page changes by itself once the bank has told us.",
        ),
        OrderState::BeingCancelled => (
            "Your order is being cancelled",
            "We have asked the bank to close the payment. This page changes by itself once that is done.",
        ),
        OrderState::Paid => ("Thank you. Your order is paid", "We have your payment and are packing your books."),
        OrderState::PaymentFailed => (
            "Your payment has failed",
            "Your bank had promised us the money and has now refused it. You have not been charged, and your books are kept for you: please pay anew.",
        ),
        OrderState::Expired => (
            "This order was not paid in time",
            "Nothing was charged. The books are back in your basket, if you would still like them.",
        ),
        OrderState::Cancelled => (
            "This order was cancelled",
            "Nothing was charged. The books are back in your basket, should you change your mind.",
        ),
        OrderState::Refunded => (
            "This order was cancelled",
            "You get your money back, by the way on which you paid. Your bank may take some days to show it.",
        ),
        OrderState::Reversed => (
            "This order was called off",
            "Its payment failed at your bank, and no other one has come. You have not been charged.",
        ),
        OrderState::Declined => (
            "The bank declined the payment",
            "Nothing was charged. The books are back in your basket; another card may do.",
        ),
        OrderState::InDoubt => (
            "We are waiting for the bank",
            "The bank has not told us yet how your payment ended. You need not do anything, and you will not be charged twice.",
        ),
    }
}
