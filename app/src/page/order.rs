//! An order's page.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};
use server_fn::codec::{GetUrl, Post};

use crate::codec::FormOrJson;
use crate::error::AppError;
use crate::island::OrderWatch;
use crate::part::{BACK_FROM_THE_BANK, CostRows, OrderTag, Private, Problems, loaded, notice, state_words};
use crate::view::{Order, OrderLine, OrderState, Payment, Price, Progress, Returned, Way};

/// The order at `/order/{link}`; whoever holds the link may see it.
///
/// # Errors
/// [`AppError::NotFound`], or when a module fails.
#[server(name = ReadOrder, prefix = "/api", endpoint = "order", input = GetUrl)]
pub async fn order(link: String) -> Result<Order, AppError> {
    crate::gateway::Gateway::current().order(&link).await
}

/// How far the order at `/order/{link}` has come; its page asks again and again.
///
/// # Errors
/// [`AppError::NotFound`], or when a module fails.
#[server(prefix = "/api", endpoint = "order_progress", input = GetUrl)]
pub async fn order_progress(link: String) -> Result<Progress, AppError> {
    Ok(order(link).await?.progress())
}

/// Cancels an order: before it is paid once the bank has closed the payment, afterwards at once, and the money goes back.
///
/// # Errors
/// [`AppError::TooLate`], [`AppError::NotFound`], or when a module fails.
#[server(prefix = "/api", endpoint = "cancel_order", input = Post<FormOrJson>)]
pub async fn cancel_order(order: String) -> Result<(), AppError> {
    crate::gateway::Gateway::current().cancel_order(&order).await?;
    crate::gateway::lead_to(&format!("/order/{order}"));
    Ok(())
}

/// An order: how far it has come, what it holds, what can be done.
#[component]
pub fn Page() -> impl IntoView {
    let link = use_params_map().with_untracked(|params| params.get("link").unwrap_or_default());
    let from_the_bank = use_query_map().with_untracked(|query| query.get("paid").is_some());
    loaded(async move { Ok((order(link).await?, notice().await)) }, move |(order, notice)| {
        let shown = order.progress();
        let Order {
            number,
            link,
            state,
            payment,
            lines,
            cost,
            discount_code,
            returned,
            disputed,
            email,
            address,
            way,
            ordered_on,
        } = order;
        let to_pay = matches!(state, OrderState::AwaitingPayment | OrderState::PaymentFailed);
        // Of a payment that has failed the shopper came back from the bank before.
        let is_back = from_the_bank && state == OrderState::AwaitingPayment;
        let (heading, words) = if is_back { BACK_FROM_THE_BANK } else { state_words(state) };
        let moving = to_pay || matches!(state, OrderState::BeingCancelled | OrderState::InDoubt);
        let mail = match state {
            OrderState::Paid => format!("A confirmation is on its way to {email}."),
            OrderState::Refunded if returned.iter().all(|back| back.done) => {
                format!("We have written to {email} that the money is on its way.")
            }
            OrderState::Refunded => format!("We write to {email} once the money is on its way."),
            OrderState::PaymentFailed => format!("We have written to {email} how to pay anew."),
            OrderState::BeingCancelled | OrderState::Reversed => String::new(),
            _ => format!("We write to {email} once it is paid."),
        };
        let cancelled_link = link.clone();
        let may_cancel = match state {
            OrderState::Paid => {
                Some("Changed your mind? Until we send it you can cancel, and get all of your money back.")
            }
            OrderState::InDoubt => {
                Some("Changed your mind? If the bank turns out to have your money, you get all of it back.")
            }
            _ => None,
        };
        let delivery = if way == Way::Ship { "Delivery" } else { "Collected in the shop" };
        let is_paid = matches!(state, OrderState::Paid | OrderState::Refunded);
        let rest = if is_paid { "Paid at the bank" } else { "Left to pay" };
        let is_back_on_card = matches!(state, OrderState::Refunded | OrderState::Reversed) && cost.gift_card.minor > 0;
        let on_card = is_back_on_card.then(|| cost.gift_card.clone());
        let ended_unpaid = matches!(state, OrderState::Expired | OrderState::Cancelled | OrderState::Declined);
        view! {
            <Title text=format!("Order {number}") />
            <Private />
            {moving.then(|| view! {
                // With scripts the island does this, and leaves the page alone until there is something new.
                <noscript><meta http-equiv="refresh" content="5" /></noscript>
                <OrderWatch link=link.clone() shown=shown />
            })}
            <Problems notice=notice.as_ref() />
            <article class="order">
                <header class="page-head">
                    <p class="overline">"Order "<span class="order-number">{number}</span>" · "{ordered_on}</p>
                    <h1>{heading}</h1>
                    <p class="lead">{words}</p>
                    <p><OrderTag state=if is_back { OrderState::InDoubt } else { state } /></p>
                </header>
                {(from_the_bank && state == OrderState::PaymentFailed).then(|| view! {
                    <p class="hint">"If you have just paid anew, you need not do anything: this page changes by itself."</p>
                })}
                {(to_pay && !is_back).then(|| view! { <Pay link=link payment=payment /> })}
                {ended_unpaid.then(|| view! { <p><a class="button" href="/basket">"To the basket"</a></p> })}
                <Lines lines=lines />
                <CostRows cost=cost delivery=delivery.to_owned() code=discount_code rest=rest />
                <MoneyBack returned=returned on_card=on_card />
                <div class="order-facts">
                    <section>
                        <h2>{if way == Way::Ship { "Delivery" } else { "To be collected" }}</h2>
                        <address dir="auto">
                            {address.into_iter().map(|line| view! { <span>{line}</span> }).collect_view()}
                        </address>
                    </section>
                    {(!ended_unpaid && !mail.is_empty()).then(|| view! { <section><h2>"Mail"</h2><p>{mail}</p></section> })}
                    {disputed.then(|| view! {
                        <section>
                            <h2>"Disputed"</h2>
                            <p>"This payment is disputed at your bank, which decides about it."</p>
                        </section>
                    })}
                </div>
                {may_cancel.map(|hint| view! {
                    <form class="order-cancel" method="post" action="/api/cancel_order">
                        <input type="hidden" name="order" value=cancelled_link />
                        <p class="hint">{hint}</p>
                        <button class="link" type="submit">"Cancel this order"</button>
                    </form>
                })}
            </article>
        }
    })
}

#[component]
fn Pay(link: String, payment: Option<Payment>) -> impl IntoView {
    let way = match payment {
        None => view! { <p>"The bank is preparing its page for you. This takes a few seconds."</p> }.into_any(),
        Some(payment) => {
            let left = match payment.minutes_left {
                ..=0 => "Less than a minute is left to pay.".to_owned(),
                1 => "1 minute is left to pay.".to_owned(),
                minutes @ ..=120 => format!("{minutes} minutes are left to pay."),
                minutes => format!("{} hours are left to pay.", minutes / 60),
            };
            view! {
                <a class="button" href=format!("/order/{link}/pay")>"Pay at the bank"</a>
                <p class="hint">{left}</p>
            }
            .into_any()
        }
    };
    view! {
        <div class="order-pay">
            {way}
            <form method="post" action="/api/cancel_order">
                <input type="hidden" name="order" value=link />
                <button class="link" type="submit">"Cancel this order"</button>
            </form>
        </div>
    }
}

/// What has gone back of what was paid, or is on its way.
#[component]
fn MoneyBack(returned: Vec<Returned>, on_card: Option<Price>) -> impl IntoView {
    let from_bank = returned.into_iter().map(|back| {
        let words = if back.done { "Given back" } else { "On its way back" };
        (words, back.amount)
    });
    let rows = from_bank
        .chain(on_card.map(|amount| ("Back on your gift card", amount)))
        .map(|(words, amount)| view! { <div><dt>{words}</dt><dd class="price">{amount.to_string()}</dd></div> })
        .collect_view();
    (!rows.is_empty()).then(|| view! { <dl class="cost">{rows}</dl> })
}

#[component]
fn Lines(lines: Vec<OrderLine>) -> impl IntoView {
    let rows = lines
        .into_iter()
        .map(|line| {
            view! {
                <tr>
                    <th scope="row" dir="auto">{line.title}</th>
                    <td>{line.quantity}</td>
                    <td class="order-each">{line.unit_price.to_string()}</td>
                    <td>{line.total.to_string()}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table class="order-lines">
            <caption class="visually-hidden">"What was ordered"</caption>
            <thead>
                <tr>
                    <th scope="col">"Book"</th>
                    <th scope="col">"Copies"</th>
                    <th class="order-each" scope="col">"Each"</th>
                    <th scope="col">"Sum"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}
