//! The page that leads to the bank. A form's answer must not: browsers follow it only within the shop.

use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;

use super::order::order;
use crate::part::{Private, loaded};

/// Leads to the bank's page for an order, if it can be paid.
#[component]
pub fn Page() -> impl IntoView {
    let link = use_params_map().with_untracked(|params| params.get("link").unwrap_or_default());
    loaded(order(link), |order| {
        let back = format!("/order/{}", order.link);
        let way = match order.payment {
            Some(payment) => view! {
                <Meta http_equiv="refresh" content=format!("0;url={}", payment.url) />
                <h1>"On the way to the bank"</h1>
                <p>"You pay on the bank's own page and come back here afterwards. Your books are held for you meanwhile."</p>
                <a class="button" href=payment.url>"To the bank's page"</a>
            }
            .into_any(),
            None => view! {
                <h1>"There is nothing to pay here"</h1>
                <p>"This order is not waiting for a payment. Its own page says how it stands."</p>
                <a class="button" href=back>"To the order"</a>
            }
            .into_any(),
        };
        view! {
            <Title text="Payment" />
            <Private />
            <div class="plain">{way}</div>
        }
    })
}
