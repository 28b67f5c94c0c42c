//! Signing in and out.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use server_fn::codec::Post;

use crate::codec::FormOrJson;
use crate::error::AppError;
use crate::part::{Field, Private, Problems, notice, read};

/// Signs in; what the guest had in the basket comes along, and orders that guests made with the proved address. A form is led to `next`, a path of this shop.
///
/// # Errors
/// [`AppError::WrongCredentials`], the same for unknown addresses; or when a module fails.
#[server(prefix = "/api", endpoint = "sign_in", input = Post<FormOrJson>)]
pub async fn sign_in(email: String, password: String, #[server(default)] next: String) -> Result<(), AppError> {
    use crate::gateway::{Gateway, lead_to, local_path};
    Gateway::current().sign_in(&email, password).await?;
    lead_to(local_path(&next));
    Ok(())
}

/// Signs out; the session is gone on the server too.
///
/// # Errors
/// When the session cannot be ended.
#[server(prefix = "/api", endpoint = "sign_out", input = Post<FormOrJson>)]
pub async fn sign_out() -> Result<(), AppError> {
    use crate::gateway::{Gateway, lead_to, session, set_header};
    Gateway::current().identity.sign_out(&session()?).await?;
    set_header(http::HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\"");
    lead_to("/");
    Ok(())
}

const FIELDS: &[(&str, &str)] = &[("email", "E-mail address"), ("password", "Password")];

/// Signing in.
#[component]
pub fn Page() -> impl IntoView {
    let next = use_query_map().with_untracked(|query| query.get("next").unwrap_or_default());
    let sign_up = format!("/sign-up?{}", serde_urlencoded::to_string([("next", &next)]).unwrap_or_default());
    let form = Suspend::new(async move {
        let notice = read(notice()).await;
        let notice = notice.as_ref();
        view! {
            <Problems notice=notice fields=FIELDS />
            <h1>"Sign in"</h1>
            <form class="form" method="post" action="/api/sign_in">
                <input type="hidden" name="next" value=next />
                <Field name="email" label="E-mail address" kind="email" autocomplete="username" max=254 notice=notice />
                <Field name="password" label="Password" kind="password" autocomplete="current-password" max=1024 notice=notice />
                <button class="button button-wide" type="submit">"Sign in"</button>
            </form>
            <p class="aside">"New here? "<a href=sign_up>"Create an account"</a>"."</p>
        }
    });
    view! {
        <Title text="Sign in" />
        <Private />
        <div class="narrow"><Suspense>{form}</Suspense></div>
    }
}
