//! The basket.

use leptos::prelude::*;
use leptos_meta::Title;
use server_fn::codec::{GetUrl, Post};

use crate::codec::FormOrJson;
use crate::error::AppError;
use crate::part::{Cover, Empty, Private, Problems, loaded, notice, why};
use crate::view::{Basket, BasketLine};

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

/// The basket.
#[component]
pub fn Page() -> impl IntoView {
    loaded(async { Ok((basket().await?, notice().await)) }, |(basket, notice)| {
        // The line whose quantity was refused.
        let refused = why(notice.as_ref(), "quantity").and(notice.as_ref().and_then(|notice| notice.field("edition")));
        let refused = refused.map(str::to_owned);
        let full = basket.lines.iter().all(|line| line.quantity <= line.available);
        let body = match basket.total {
            None => view! {
                <Empty
                    title="Your basket is empty"
                    text="Nothing in it yet. A good book is never far away."
                    href="/"
                    action="See the shelves"
                />
            }
            .into_any(),
            Some(total) => view! {
                <ul role="list" class="basket">
                    {basket.lines.into_iter().map(|line| {
                        let refused = refused.as_deref() == Some(&*line.edition.to_string());
                        view! { <li class="basket-line"><Line line=line refused=refused /></li> }
                    }).collect_view()}
                </ul>
                <div class="basket-foot">
                    <p class="total"><span>"Total"</span><span class="price">{total.to_string()}</span></p>
                    <p class="hint">"Prices include VAT. Delivery is free."</p>
                    {if full {
                        view! { <a class="button button-wide" href="/checkout">"To the checkout"</a> }.into_any()
                    } else {
                        view! { <p class="field-problem">"Please change the lines that we have too few copies of."</p> }.into_any()
                    }}
                </div>
            }
            .into_any(),
        };
        view! {
            <Title text="Basket" />
            <Private />
            <Problems notice=notice.as_ref() />
            <h1>"Basket"</h1>
            {body}
        }
    })
}

#[component]
fn Line(line: BasketLine, refused: bool) -> impl IntoView {
    let href = format!("/book/{}", line.slug);
    let id = format!("quantity-{}", line.edition);
    let short = match line.available {
        _ if refused => Some("Please choose a number from 0 to 99.".to_owned()),
        left if left >= line.quantity => None,
        left if left <= 0 => Some("Sold out in the meantime: please remove it.".to_owned()),
        1 => Some("Only 1 copy is left.".to_owned()),
        left => Some(format!("Only {left} copies are left.")),
    };
    let names = line.authors.iter().map(|author| author.name.clone()).collect::<Vec<_>>().join(", ");
    let each = (line.quantity > 1).then(|| view! { <span class="hint">{line.unit_price.to_string()}" each"</span> });
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
        <p class="basket-price"><span class="price">{line.total.to_string()}</span>{each}</p>
    }
}
