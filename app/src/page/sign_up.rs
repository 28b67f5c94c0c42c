//! Signing up.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use server_fn::codec::Post;

use crate::codec::FormOrJson;
use crate::error::AppError;
use crate::part::{Field, Private, Problems, notice, read};

/// Makes an account and signs in to it. A form is led to `next`, a path of this shop.
///
/// # Errors
/// Which fields are not acceptable; or when a module fails.
#[server(prefix = "/api", endpoint = "sign_up", input = Post<FormOrJson>)]
pub async fn sign_up(
    name: String,
    email: String,
    password: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use crate::error::Why;
    use crate::gateway::{Gateway, lead_to, local_path, session};
    use identity::{SignUp, SignUpError};
    let gateway = Gateway::current();
    let form = SignUp { name, email, password: password.into() };
    let signed_in = match gateway.identity.sign_up(&session()?, form).await {
        Ok(signed_in) => signed_in,
        Err(SignUpError::Invalid(problems)) => return Err(refusals(problems)),
        Err(SignUpError::EmailTaken) => return Err(AppError::refused("email", Why::Taken)),
        Err(SignUpError::Failed(error)) => return Err(error.into()),
    };
    gateway.purchase.gather_baskets(&signed_in.customer).await?;
    lead_to(local_path(&next));
    Ok(())
}

#[cfg(feature = "ssr")]
fn refusals(problems: identity::Problems) -> AppError {
    use crate::error::{Refused, Why};
    use identity::{EmailProblem, NameProblem, PasswordProblem};
    let name = problems.name.map(|problem| match problem {
        NameProblem::Missing => Why::Missing,
        NameProblem::TooLong => Why::TooLong,
        NameProblem::Malformed => Why::Malformed,
    });
    let email = problems.email.map(|problem| match problem {
        EmailProblem::Missing => Why::Missing,
        EmailProblem::Malformed => Why::Malformed,
        EmailProblem::TooLong => Why::TooLong,
    });
    let password = problems.password.map(|problem| match problem {
        PasswordProblem::TooShort => Why::TooShort,
        PasswordProblem::TooLong => Why::TooLong,
        PasswordProblem::TooCommon => Why::TooCommon,
        PasswordProblem::TooObvious => Why::TooObvious,
    });
    let fields = [("name", name), ("email", email), ("password", password)]
        .into_iter()
        .filter_map(|(field, why)| Some(Refused { field: field.to_owned(), why: why? }))
        .collect();
    AppError::Invalid { fields }
}

const FIELDS: &[(&str, &str)] = &[("name", "Name"), ("email", "E-mail address"), ("password", "Password")];

/// Signing up.
#[component]
pub fn Page() -> impl IntoView {
    let next = use_query_map().with_untracked(|query| query.get("next").unwrap_or_default());
    let sign_in = format!("/sign-in?{}", serde_urlencoded::to_string([("next", &next)]).unwrap_or_default());
    let form = Suspend::new(async move {
        let notice = read(notice()).await;
        let notice = notice.as_ref();
        view! {
            <Problems notice=notice fields=FIELDS />
            <h1>"Create an account"</h1>
            <form class="form" method="post" action="/api/sign_up">
                <input type="hidden" name="next" value=next />
                <Field name="name" label="Name" autocomplete="name" max=100 notice=notice />
                <Field name="email" label="E-mail address" kind="email" autocomplete="username" max=254 notice=notice />
                <Field
                    name="password" label="Password" kind="password" autocomplete="new-password" min=10 max=1024
                    hint="At least 10 characters. A short sentence is easier to remember than a short riddle." notice=notice
                />
                <button class="button button-wide" type="submit">"Create account"</button>
            </form>
            <p class="aside">"You have one already? "<a href=sign_in>"Sign in"</a>"."</p>
        }
    });
    view! {
        <Title text="Create an account" />
        <Private />
        <div class="narrow"><Suspense>{form}</Suspense></div>
    }
}
