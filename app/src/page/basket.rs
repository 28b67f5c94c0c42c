//! The basket.

use leptos::prelude::*;
use leptos_meta::Title;
use server_fn::codec::{GetUrl, Post};

use crate::codec::FormOrJson;
use crate::error::{AppError, Why};
use crate::part::{CostRows, Country, Cover, Empty, Field, Private, Problems, loaded, notice, why, words};
use crate::view::{Basket, BasketLine, Delivery, DeliveryChoices, Notice, Obstacle, Redeemable, Way};

/// The caller's basket.
///
/// # Errors
/// When a module fails.
#[server(name = ReadBasket, prefix = "/api", endpoint = "basket", input = GetUrl)]
pub async fn basket() -> Result<Basket, AppError> {
    crate::gateway::Gateway::current().basket().await
}

/// Puts copies of an edition into the basket.
///
/// # Errors
/// What is not acceptable, or when a module fails.
#[server(prefix = "/api", endpoint = "add_to_basket", input = Post<FormOrJson>)]
pub async fn add_to_basket(edition: u64, quantity: i64) -> Result<Basket, AppError> {
    let basket = crate::gateway::Gateway::current().add_to_basket(edition, quantity).await?;
    crate::gateway::lead_to("/basket");
    Ok(basket)
}

/// Sets how many copies of an edition are in the basket; 0 takes it out.
///
/// # Errors
/// What is not acceptable, or when a module fails.
#[server(prefix = "/api", endpoint = "set_quantity", input = Post<FormOrJson>)]
pub async fn set_quantity(edition: u64, quantity: i64) -> Result<Basket, AppError> {
    let basket = crate::gateway::Gateway::current().set_quantity(edition, quantity).await?;
    crate::gateway::lead_to("/basket");
    Ok(basket)
}

/// Says how the basket is to be delivered: sent to a country (ISO 3166), or collected in the shop.
///
/// # Errors
/// What is not acceptable, or when a module fails.
#[server(prefix = "/api", endpoint = "set_delivery", input = Post<FormOrJson>)]
pub async fn set_delivery(way: Way, country: String) -> Result<Basket, AppError> {
    let basket = crate::gateway::Gateway::current().set_delivery(way, country).await?;
    crate::gateway::lead_to("/basket");
    Ok(basket)
}

/// How this shop delivers.
///
/// # Errors
/// None of its own.
#[server(name = ReadDeliveryChoices, prefix = "/api", endpoint = "delivery_choices", input = GetUrl)]
pub async fn delivery_choices() -> Result<DeliveryChoices, AppError> {
    Ok(crate::gateway::Gateway::current().delivery_choices())
}

/// Lets a discount code or a gift card count for the basket.
///
/// # Errors
/// Why it cannot, or when a module fails.
#[server(prefix = "/api", endpoint = "add_code", input = Post<FormOrJson>)]
pub async fn add_code(code: String) -> Result<Basket, AppError> {
    let basket = crate::gateway::Gateway::current().add_code(&code).await?;
    crate::gateway::lead_to("/basket");
    Ok(basket)
}

/// Takes the discount code or the gift card out of the basket.
///
/// # Errors
/// When there is no basket, or a module fails.
#[server(prefix = "/api", endpoint = "remove_code", input = Post<FormOrJson>)]
pub async fn remove_code(kind: Redeemable) -> Result<Basket, AppError> {
    let basket = crate::gateway::Gateway::current().remove_code(kind).await?;
    crate::gateway::lead_to("/basket");
    Ok(basket)
}

const FIELDS: &[(&str, &str)] = &[("code", "Discount code or gift card"), ("country", "Country"), ("way", "Delivery")];

/// The basket.
#[component]
pub fn Page() -> impl IntoView {
    loaded(async { Ok((basket().await?, delivery_choices().await?, notice().await)) }, |(basket, choices, notice)| {
        // The line whose quantity was refused.
        let refused = why(notice.as_ref(), "quantity").and(notice.as_ref().and_then(|notice| notice.field("edition")));
        let refused = refused.map(str::to_owned);
        let body = match basket.lines.is_empty() {
            true => view! {
                <Empty
                    title="Your basket is empty"
                    text="Nothing in it yet. A good book is never far away."
                    href="/"
                    action="See the shelves"
                />
            }
            .into_any(),
            false => view! {
                <ul role="list" class="basket">
                    {basket.lines.iter().cloned().map(|line| {
                        let refused = refused.as_deref() == Some(&*line.edition.to_string());
                        view! { <li class="basket-line"><Line line=line refused=refused /></li> }
                    }).collect_view()}
                </ul>
                <div class="basket-foot">
                    <div class="basket-choices">
                        {view! { <DeliveryForm basket=&basket choices=choices notice=notice.as_ref() /> }.into_any()}
                        {view! { <Codes basket=&basket notice=notice.as_ref() /> }.into_any()}
                    </div>
                    {view! { <Foot basket=basket /> }.into_any()}
                </div>
            }
            .into_any(),
        };
        view! {
            <Title text="Basket" />
            <Private />
            <Problems notice=notice.as_ref() fields=FIELDS />
            <h1>"Basket"</h1>
            {body}
        }
    })
}

#[component]
fn DeliveryForm<'a>(basket: &'a Basket, choices: DeliveryChoices, notice: Option<&'a Notice>) -> impl IntoView + use<> {
    let delivery = basket.delivery.as_ref();
    let collect = delivery.is_some_and(|delivery| delivery.way == Way::Collect);
    let country = delivery.map(|delivery| delivery.country.code.clone()).unwrap_or_default();
    let DeliveryChoices { countries, collect_at } = choices;
    let way = match collect_at {
        None => view! { <input type="hidden" name="way" value="ship" /> }.into_any(),
        Some(collect_at) => view! {
            <div class="choice">
                <input type="radio" id="way-ship" name="way" value="ship" checked=!collect />
                <label for="way-ship">"Sent to you"</label>
            </div>
            <div class="choice">
                <input type="radio" id="way-collect" name="way" value="collect" checked=collect />
                <label for="way-collect">"Collected in the shop, free"<span class="hint">{collect_at}</span></label>
            </div>
        }
        .into_any(),
    };
    view! {
        <form class="form" method="post" action="/api/set_delivery" id="delivery">
            <fieldset>
                <legend>"Delivery"</legend>
                {way}
                <Country countries=countries chosen=country notice=notice />
            </fieldset>
            <button class="button button-quiet" type="submit">"Update delivery"</button>
        </form>
    }
}

#[component]
fn Codes<'a>(basket: &'a Basket, notice: Option<&'a Notice>) -> impl IntoView + use<> {
    let row = |kind: &'static str, text: String, problem: Option<Why>| {
        view! {
            <form class="code" method="post" action="/api/remove_code">
                <input type="hidden" name="kind" value=kind />
                <span>{text}</span>
                <button class="link" type="submit" aria-label=format!("Remove: {kind}").replace('_', " ")>"Remove"</button>
                {problem.map(|why| view! { <p class="field-problem">"It does not count: it "{words(why)}"."</p> })}
            </form>
        }
    };
    let code = basket.discount_code.as_ref();
    let code = code.map(|code| row("discount_code", format!("Discount code {}", code.code), code.problem));
    let card = basket.gift_card.as_ref().map(|card| {
        let left = card.left.as_ref().map(|left| format!("Gift card with {left} left on it"));
        row("gift_card", left.unwrap_or_else(|| "Gift card".to_owned()), card.problem)
    });
    view! {
        <div class="codes">
            {code}
            {card}
            <form class="code-form" method="post" action="/api/add_code">
                <Field
                    name="code" label="Discount code or gift card" autocomplete="off" max=60 notice=notice
                />
                <button class="button button-quiet" type="submit">"Apply"</button>
            </form>
        </div>
    }
}

#[component]
fn Foot(basket: Basket) -> impl IntoView {
    let full = basket.lines.iter().all(|line| line.quantity <= line.available);
    let problem = match (&basket.obstacle, full) {
        (Some(obstacle), _) => Some(obstacle_words(obstacle)),
        (None, false) => Some("Please change the lines that we have too few copies of.".to_owned()),
        (None, true) => None,
    };
    let cost = basket_cost(&basket);
    view! {
        <div class="basket-sum">
            {cost}
            <p class="hint">"Prices include VAT."</p>
            {match problem {
                None => view! { <a class="button button-wide" href="/checkout">"To the checkout"</a> }.into_any(),
                Some(problem) => view! { <p class="field-problem">{problem}</p> }.into_any(),
            }}
        </div>
    }
}

/// What a basket costs; nothing for one that cannot be ordered as it is.
pub(super) fn basket_cost(basket: &Basket) -> impl IntoView + use<> {
    let cost = basket.cost.clone()?;
    let delivery = match basket.delivery.as_ref()? {
        Delivery { way: Way::Ship, country } => format!("Delivery to {}", country.name),
        Delivery { way: Way::Collect, .. } => "Collected in the shop".to_owned(),
    };
    let code = basket.discount_code.as_ref().filter(|code| code.problem.is_none()).map(|code| code.code.clone());
    Some(view! { <CostRows cost=cost delivery=delivery code=code /> })
}

/// Why a basket cannot be ordered, and what helps.
pub(super) fn obstacle_words(obstacle: &Obstacle) -> String {
    match obstacle {
        Obstacle::Withdrawn => "A book in your basket is not sold any more: please remove it.".to_owned(),
        Obstacle::MixedCurrencies => {
            "The prices in your basket are in different currencies: please order the books one after the other."
                .to_owned()
        }
        Obstacle::NotDelivered => "We cannot deliver like this: please choose another delivery.".to_owned(),
        Obstacle::TooHeavy => {
            "This is more than we can send in one parcel: please order fewer copies, or collect them.".to_owned()
        }
        Obstacle::BelowMinimum { least } => format!(
            "Less than {least} would be left to pay, which the bank does not take: please add a book, or remove a code."
        ),
    }
}

#[component]
fn Line(line: BasketLine, refused: bool) -> impl IntoView {
    let href = format!("/book/{}", line.slug);
    let id = format!("quantity-{}", line.edition);
    let short = match line.available {
        _ if line.unit_price.is_none() => Some("Not sold any more: please remove it.".to_owned()),
        _ if refused => Some("Please choose a number from 0 to 99.".to_owned()),
        left if left >= line.quantity => None,
        left if left <= 0 => Some("Sold out in the meantime: please remove it.".to_owned()),
        1 => Some("Only 1 copy is left.".to_owned()),
        left => Some(format!("Only {left} copies are left.")),
    };
    let names = line.authors.iter().map(|author| author.name.clone()).collect::<Vec<_>>().join(", ");
    let each = line.unit_price.as_ref().filter(|_| line.quantity > 1);
    let each = each.map(|each| view! { <span class="hint">{each.to_string()}" each"</span> });
    let changed = line.price_then.as_ref().zip(line.unit_price.as_ref());
    let changed = changed.map(|(then, now)| format!("The price has changed: it was {then}, and is {now} now."));
    let capped = line.wanted.map(|wanted| format!("You had {wanted} in two baskets; we have put in what can be had."));
    let (update, remove) = (format!("Update the copies of {}", line.title), format!("Remove {}", line.title));
    let problem = short.is_some().then(|| format!("{id}-problem"));
    view! {
        <div class="basket-cover">
            <Cover title=&line.title authors=&line.authors subject=line.subject.as_ref() />
        </div>
        <div class="basket-words">
            <h2 dir="auto"><a href=href>{line.title}</a></h2>
            <p dir="auto">{names}</p>
            <p class="hint">{line.edition_text}</p>
            {changed.map(|changed| view! { <p class="basket-note">{changed}</p> })}
            {capped.map(|capped| view! { <p class="basket-note">{capped}</p> })}
            {short.map(|short| view! { <p class="field-problem" id=problem.clone()>{short}</p> })}
        </div>
        <form class="basket-quantity" method="post" action="/api/set_quantity">
            <input type="hidden" name="edition" value=line.edition.to_string() />
            <label class="visually-hidden" for=id.clone()>"Copies"</label>
            <input
                id=id
                name="quantity"
                type="number"
                inputmode="numeric"
                min="0"
                max="99"
                required
                value=line.quantity.to_string()
                aria-invalid=refused.then_some("true")
                aria-describedby=problem
            />
            <button class="button button-quiet" type="submit" aria-label=update>"Update"</button>
        </form>
        <form class="basket-remove" method="post" action="/api/set_quantity">
            <input type="hidden" name="edition" value=line.edition.to_string() />
            <input type="hidden" name="quantity" value="0" />
            <button class="link" type="submit" aria-label=remove>"Remove"</button>
        </form>
        <p class="basket-price"><span class="price">{line.total.map(|total| total.to_string())}</span>{each}</p>
    }
}
