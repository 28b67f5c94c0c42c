//! The checkout: address, review, and the button that orders.

use leptos::prelude::*;
use leptos_meta::Title;
use server_fn::codec::{GetUrl, Post};

use crate::codec::FormOrJson;
use crate::error::AppError;
use crate::page::basket::{basket_cost, obstacle_words};
use crate::part::{Empty, Field, Private, Problems, loaded, notice};
use crate::view::{Basket, Checkout, Notice, Placed, Way};

/// What the checkout page shows.
///
/// # Errors
/// When a module fails.
#[server(name = ReadCheckout, prefix = "/api", endpoint = "checkout", input = GetUrl)]
pub async fn checkout() -> Result<Checkout, AppError> {
    crate::gateway::Gateway::current().checkout().await
}

/// Orders what `token` stands for. A page's form is sent under that token; an API client brings an `Idempotency-Key`, and
/// may name a `payment_method` of the bank's, by which it is then paid at once. However often the same arrives, it
/// leads to one order and one answer; one that was given before says so by `Idempotent-Replayed`.
///
/// # Errors
/// Why nothing was ordered.
#[server(prefix = "/api", endpoint = "place_order", input = Post<FormOrJson>)]
pub async fn place_order(
    token: String,
    email: String,
    name: String,
    street: String,
    postcode: String,
    city: String,
    payment_method: Option<String>,
) -> Result<Placed, AppError> {
    use crate::gateway::{self, Gateway};
    let contact = purchase::place::contact::ContactForm { email, name, street, postcode, city };
    let placed = Gateway::current().place_order(&token, contact, payment_method).await?;
    gateway::lead_to(placed.pay.as_deref().unwrap_or(&placed.order));
    Ok(placed)
}

const FIELDS: &[(&str, &str)] = &[
    ("email", "E-mail address"),
    ("name", "Name"),
    ("street", "Street and number"),
    ("postcode", "Postcode"),
    ("city", "City"),
];

/// The checkout.
#[component]
pub fn Page() -> impl IntoView {
    loaded(async { Ok((checkout().await?, notice().await)) }, |(checkout, notice)| {
        view! {
            <Title text="Checkout" />
            <Private />
            <Problems notice=notice.as_ref() fields=FIELDS />
            <h1>"Checkout"</h1>
            {if checkout.basket.lines.is_empty() {
                view! {
                    <Empty
                        title="There is nothing to order"
                        text="Your basket is empty. If you have just ordered, the order is on its way."
                        href="/"
                        action="See the shelves"
                    />
                }
                .into_any()
            } else {
                view! { <Form checkout=checkout notice=notice /> }.into_any()
            }}
        }
    })
}

#[component]
fn Form(checkout: Checkout, notice: Option<Notice>) -> impl IntoView {
    let Checkout { basket, collect_at, email, name, signed_in } = checkout;
    let notice = notice.as_ref();
    let order = match (&basket.cost, &basket.obstacle) {
        (Some(cost), _) => {
            let pays = cost.to_pay.minor > 0;
            let words = if pays { format!("Order and pay {}", cost.to_pay) } else { "Order".to_owned() };
            view! {
                {pays.then(|| view! {
                    <p class="hint">"You pay on the bank's own page. Your books are held for you meanwhile."</p>
                })}
                <button class="button button-wide" type="submit">{words}</button>
            }
            .into_any()
        }
        (None, obstacle) => {
            let words = obstacle.as_ref().map(obstacle_words);
            view! { <p class="field-problem">{words}</p> }.into_any()
        }
    };
    let delivery = basket.delivery.clone();
    let country = delivery.as_ref().map(|delivery| delivery.country.name.clone());
    let collect = delivery.is_some_and(|delivery| delivery.way == Way::Collect);
    view! {
        {(!signed_in).then(|| view! {
            <p class="aside">
                "You can order without an account. If you have one: "<a href="/sign-in?next=/checkout">"sign in"</a>"."
            </p>
        })}
        <div class="checkout">
            <form class="form" method="post" action="/api/place_order">
                <input type="hidden" name="token" value=basket.token.clone() />
                <fieldset>
                    <legend>"Where we write to you"</legend>
                    <Field
                        name="email" label="E-mail address" kind="email" autocomplete="email" max=254
                        hint="For the confirmation of this order." value=&email notice=notice
                    />
                </fieldset>
                <fieldset>
                    <legend>{if collect { "Who collects the books" } else { "Where the books go" }}</legend>
                    <Field name="name" label="Name" autocomplete="name" max=100 value=&name notice=notice />
                    {if collect {
                        view! {
                            <p>{collect_at}</p>
                            // The form has the same fields either way.
                            <input type="hidden" name="street" value="" />
                            <input type="hidden" name="postcode" value="" />
                            <input type="hidden" name="city" value="" />
                        }.into_any()
                    } else {
                        view! { <Address country=country.unwrap_or_default() notice=notice /> }.into_any()
                    }}
                </fieldset>
                {order}
            </form>
            <Summary basket=basket />
        </div>
    }
}

#[component]
fn Address<'a>(country: String, notice: Option<&'a Notice>) -> impl IntoView + use<> {
    view! {
        <Field name="street" label="Street and number" autocomplete="street-address" max=100 notice=notice />
        <div class="field-pair">
            <Field name="postcode" label="Postcode" autocomplete="postal-code" max=20 notice=notice />
            <Field name="city" label="City" autocomplete="address-level2" max=100 notice=notice />
        </div>
        <p class="field-given">"Country: "<strong>{country}</strong>" "<a href="/basket#delivery">"Change"</a></p>
    }
}

#[component]
fn Summary(basket: Basket) -> impl IntoView {
    let cost = basket_cost(&basket);
    let lines = basket
        .lines
        .into_iter()
        .map(|line| {
            view! {
                <li>
                    <span class="summary-title" dir="auto">{line.title}</span>
                    <span class="hint">{line.edition_text}" × "{line.quantity}</span>
                    <span class="price">{line.total.map(|total| total.to_string())}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <aside class="summary" aria-labelledby="summary">
            <h2 id="summary">"Your order"</h2>
            <ul role="list">{lines}</ul>
            {cost}
            <p><a href="/basket">"Change books, delivery or codes"</a></p>
        </aside>
    }
}
