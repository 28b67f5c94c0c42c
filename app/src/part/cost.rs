//! What a basket or an order costs, line by line.

use leptos::prelude::*;

use crate::view::{Cost, Price};

/// The rows from the goods to what is left to pay. What is nothing is left out, but for delivery.
#[component]
pub fn CostRows(
    /// What is paid and what that is made of.
    cost: Cost,
    /// How it is delivered: "Delivery to Austria".
    delivery: String,
    /// The discount code that counts.
    code: Option<String>,
    /// What the part is called that the gift card does not pay.
    #[prop(default = "Left to pay")]
    rest: &'static str,
) -> impl IntoView {
    let Cost { goods, discount, shipping, total, vat, gift_card, to_pay } = cost;
    let row = |words: String, amount: String| view! { <div><dt>{words}</dt><dd class="price">{amount}</dd></div> };
    let off = |price: &Price| format!("−{price}");
    let shipping = if shipping.minor == 0 { "free".to_owned() } else { shipping.to_string() };
    let code = code.map_or_else(|| "Discount".to_owned(), |code| format!("Discount ({code})"));
    let vat = vat.into_iter().filter(|part| part.amount.minor > 0).map(|part| {
        view! {
            <div class="cost-vat"><dt>"of which "{part.rate()}" VAT"</dt><dd class="price">{part.amount.to_string()}</dd></div>
        }
    });
    let by_card = gift_card.minor > 0;
    view! {
        <dl class="cost">
            {row("Books".to_owned(), goods.to_string())}
            {(discount.minor > 0).then(|| row(code, off(&discount)))}
            {row(delivery, shipping)}
            <div class="cost-total"><dt>"Total"</dt><dd class="price">{total.to_string()}</dd></div>
            {vat.collect_view()}
            {by_card.then(|| row("Gift card".to_owned(), off(&gift_card)))}
            {by_card.then(|| view! {
                <div class="cost-total"><dt>{rest}</dt><dd class="price">{to_pay.to_string()}</dd></div>
            })}
        </dl>
    }
}
