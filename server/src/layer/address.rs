//! An address whose parameters are not UTF-8 is refused here: further in, the broken bytes would be replaced in
//! silence, and another question answered than was asked.

use app::error::AppError;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

use super::refusal::Asker;

pub(crate) async fn check(request: Request, next: Next) -> Response {
    if request.uri().query().is_some_and(|query| !is_text(query)) || !is_text(request.uri().path()) {
        return Asker::of(request.headers(), request.extensions()).refuse(&AppError::Malformed);
    }
    next.run(request).await
}

fn is_text(part: &str) -> bool {
    // What a decoder puts in the place of bytes that it cannot read.
    let replaced = |text: &str| text.contains('\u{fffd}');
    serde_urlencoded::from_str::<Vec<(String, String)>>(part)
        .is_ok_and(|pairs| !pairs.iter().any(|(name, value)| replaced(name) || replaced(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_utf_8_is_noticed_and_everything_else_is_left_alone() {
        assert!(is_text("q=caf%C3%A9&page=2"));
        assert!(is_text("q=100%25&empty=&flag"));
        assert!(!is_text("q=caf%E9"));
        assert!(!is_text("%FF=1"));
    }
}
