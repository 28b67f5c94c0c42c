//! Where the link leads that proves an address. Programs that look through mails follow links: looking changes nothing,
//! and a button proves.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use server_fn::codec::{GetUrl, Post};

use crate::codec::FormOrJson;
use crate::error::AppError;
use crate::page::orders::account;
use crate::part::{Private, ProofForm, loaded};
use crate::view::Account;

/// Whether the link with this token proves the address of the account that is signed in.
///
/// # Errors
/// [`AppError::LinkOver`] if not, [`AppError::SignInNeeded`], or when a module fails.
#[server(name = ReadAddressProof, prefix = "/api", endpoint = "address_proof", input = GetUrl)]
pub async fn address_proof(token: String) -> Result<(), AppError> {
    crate::gateway::Gateway::current().address_proof(&token).await
}

/// Proves the address of the account that is signed in, by the token of a link that was mailed there. Orders that guests
/// made with it are the account's from then on.
///
/// # Errors
/// [`AppError::LinkOver`], [`AppError::SignInNeeded`], or when a module fails.
#[server(prefix = "/api", endpoint = "prove_address", input = Post<FormOrJson>)]
pub async fn prove_address(token: String) -> Result<(), AppError> {
    crate::gateway::Gateway::current().prove_address(&token).await?;
    crate::gateway::lead_to("/orders?proved");
    Ok(())
}

/// The button that proves an address, or why the link does not.
#[component]
pub fn Page() -> impl IntoView {
    let token = use_params_map().with_untracked(|params| params.get("proof").unwrap_or_default());
    let asked = token.clone();
    loaded(
        async move {
            let account = account().await?;
            match address_proof(asked).await {
                Ok(()) => Ok((account, true)),
                Err(AppError::LinkOver) => Ok((account, false)),
                Err(error) => Err(error),
            }
        },
        |(account, works)| {
            let body = if works {
                view! { <Proof email=account.email token=token /> }.into_any()
            } else {
                #[cfg(feature = "ssr")]
                crate::part::set_status(AppError::LinkOver.status());
                view! { <Over account=account /> }.into_any()
            };
            view! {
                <Title text="Your e-mail address" />
                <Private />
                <div class="plain">{body}</div>
            }
        },
    )
}

#[component]
fn Proof(email: String, token: String) -> impl IntoView {
    view! {
        <h1>"Is this your e-mail address?"</h1>
        <p>{email}</p>
        <p>"Orders that you have made with it as a guest will be among yours."</p>
        <form method="post" action="/api/prove_address">
            <input type="hidden" name="token" value=token />
            <button class="button" type="submit">"Yes, it is mine"</button>
        </form>
    }
}

#[component]
fn Over(account: Account) -> impl IntoView {
    let Account { email, email_proved } = account;
    if email_proved {
        return view! {
            <h1>"You have proved your address already"</h1>
            <p>"There is nothing left to do here."</p>
            <a class="button" href="/orders">"To your orders"</a>
        }
        .into_any();
    }
    view! {
        <h1>"This link does not work"</h1>
        <p>
            "It has been used, is older than a day, or belongs to another account than yours, which has the address "
            {email}"."
        </p>
        <ProofForm label="Send me a new link" />
    }
    .into_any()
}
