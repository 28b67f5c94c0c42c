//! A customer's orders.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use server_fn::codec::{GetUrl, Post};

use crate::codec::FormOrJson;
use crate::error::AppError;
use crate::part::{Empty, OrderTag, Private, Problems, ProofForm, loaded, notice};
use crate::view::{Account, OrderSummary};

/// The signed-in customer's orders, newest first.
///
/// # Errors
/// [`AppError::SignInNeeded`], or when a module fails.
#[server(prefix = "/api", endpoint = "orders", input = GetUrl)]
pub async fn orders() -> Result<Vec<OrderSummary>, AppError> {
    crate::gateway::Gateway::current().orders().await
}

/// The account that is signed in.
///
/// # Errors
/// [`AppError::SignInNeeded`], or when a module fails.
#[server(name = ReadAccount, prefix = "/api", endpoint = "account", input = GetUrl)]
pub async fn account() -> Result<Account, AppError> {
    crate::gateway::Gateway::current().account().await
}

/// Mails a link to the account's address that proves it. There is none where it is proved, within a minute of the last one,
/// and beyond ten a day; the answer is the same.
///
/// # Errors
/// [`AppError::SignInNeeded`], or when a module fails.
#[server(prefix = "/api", endpoint = "send_address_proof", input = Post<FormOrJson>)]
pub async fn send_address_proof() -> Result<(), AppError> {
    crate::gateway::Gateway::current().send_address_proof().await?;
    crate::gateway::lead_to("/orders?sent");
    Ok(())
}

/// A customer's orders.
#[component]
pub fn Page() -> impl IntoView {
    let asked = |what: &str| use_query_map().with_untracked(|query| query.get(what).is_some());
    let (sent, proved) = (asked("sent"), asked("proved"));
    loaded(async { Ok((account().await?, orders().await?, notice().await)) }, move |(account, orders, notice)| {
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
            <Problems notice=notice.as_ref() />
            <h1>"Your orders"</h1>
            <AsGuest account=account sent=sent proved=proved />
            {list}
        }
    })
}

/// What becomes of orders that were made with the account's address, but without the account.
#[component]
fn AsGuest(account: Account, sent: bool, proved: bool) -> impl IntoView {
    let Account { email, email_proved } = account;
    if email_proved {
        let words = "Thank you. Orders that you have made as a guest with your address are here now.";
        return proved.then(|| view! { <p class="lead" role="status">{words}</p> }).into_any();
    }
    let words = if sent {
        view! {
            <p role="status">
                "A mail is on its way to "{email}". "
                "Open its link within a day, and orders that you have made as a guest with this address show up here."
            </p>
        }
        .into_any()
    } else {
        view! {
            <p>
                "Have you ordered as a guest with "{email}"? "
                "Those orders show up here once you have proved that the address is yours."
            </p>
            <ProofForm label="Send me the link" />
        }
        .into_any()
    };
    view! { <section class="orders-as-guest">{words}</section> }.into_any()
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
