//! A customer's orders.

use leptos::prelude::*;
use leptos_meta::Title;
use server_fn::codec::GetUrl;

use crate::error::AppError;
use crate::part::{Empty, OrderTag, Private, loaded};
use crate::view::OrderSummary;

/// The signed-in customer's orders, newest first.
///
/// # Errors
/// [`AppError::SignInNeeded`], or when a module fails.
#[server(prefix = "/api", endpoint = "orders", input = GetUrl)]
pub async fn orders() -> Result<Vec<OrderSummary>, AppError> {
    crate::gateway::Gateway::current().orders().await
}

/// A customer's orders.
#[component]
pub fn Page() -> impl IntoView {
    loaded(orders(), |orders| {
        let list = if orders.is_empty() {
            view! {
                <Empty
                    title="No orders yet"
                    text="Once you have bought something, you will find it here."
                    href="/"
                    action="See the shelves"
                />
            }
            .into_any()
        } else {
            let orders = orders.into_iter().map(|order| view! { <li><Row order=order /></li> }).collect_view();
            view! { <ul role="list" class="orders">{orders}</ul> }.into_any()
        };
        view! {
            <Title text="Your orders" />
            <Private />
            <h1>"Your orders"</h1>
            {list}
        }
    })
}

#[component]
fn Row(order: OrderSummary) -> impl IntoView {
    view! {
        <a class="orders-row" href=format!("/order/{}", order.link)>
            <span class="order-number">{order.number}</span>
            <span class="hint">{order.ordered_on}</span>
            <OrderTag state=order.state />
            <span class="price">{order.total.to_string()}</span>
        </a>
    }
}
