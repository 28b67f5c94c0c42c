//! One API request from key check to answer: authentication, idempotency, faults.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Bytes,
    extract::{ConnectInfo, FromRequest, FromRequestParts as _, MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use subtle::ConstantTimeEq as _;

use crate::{
    Bank,
    books::Draft,
    connection::Breaker,
    error::{Failure, Reply},
    fault::Effect,
    id,
    idempotency::Keyed,
    params::Params,
    webhook::API_VERSION,
};

/// A request whose caller showed the secret key, and whose form was read.
pub struct Call {
    /// Method and route, by which faults are planned.
    endpoint: String,
    keyed: Option<Keyed>,
    params: Params,
    breaker: Breaker,
}

impl FromRequest<Arc<Bank>> for Call {
    type Rejection = Response;

    async fn from_request(request: Request, bank: &Arc<Bank>) -> Result<Self, Response> {
        let refuse = |failure: Failure| respond(&failure.reply(), None);
        authorise(request.headers(), &bank.config.secret_key).map_err(refuse)?;
        let (mut parts, body) = request.into_parts();
        let route = MatchedPath::from_request_parts(&mut parts, bank).await;
        let route = route.map_err(IntoResponse::into_response)?;
        let endpoint = format!("{} {}", parts.method, route.as_str());
        let breaker = parts.extensions.get::<ConnectInfo<Breaker>>().map(|info| info.0.clone());
        let path = parts.uri.path().to_owned();
        let (params, key) = if parts.method == Method::POST {
            let body = Bytes::from_request(Request::from_parts(parts.clone(), body), bank).await;
            let body = body.map_err(IntoResponse::into_response)?;
            if !body.is_empty() && !is_form(&parts.headers) {
                return Err(refuse(Failure::malformed(
                    "Invalid request (check that your POST content type is \
                     application/x-www-form-urlencoded).",
                )));
            }
            (Params::parse(&body), idempotency_key(&parts.headers).map_err(refuse)?)
        } else {
            (Params::parse(parts.uri.query().unwrap_or_default().as_bytes()), None)
        };
        let params = params.map_err(refuse)?;
        let keyed = key.map(|key| Keyed { key, path, fingerprint: params.fingerprint() });
        Ok(Self { endpoint, keyed, params, breaker: breaker.unwrap_or_default() })
    }
}

impl Call {
    /// Does the work, once for each idempotency key, and answers. A caller who hangs up does not stop it.
    pub async fn perform<W>(self, bank: Arc<Bank>, work: W) -> Response
    where
        W: FnOnce(&mut Draft<'_>, Params) -> Result<Reply, Failure> + Send + 'static,
    {
        let key = self.keyed.as_ref().map(|keyed| keyed.key.clone());
        let breaker = self.breaker.clone();
        let running = bank.tasks.spawn(run(Arc::clone(&bank), self, work));
        match running.await {
            Ok(Some(reply)) => respond(&reply, key.as_deref()),
            Ok(None) => {
                breaker.trip();
                StatusCode::BAD_GATEWAY.into_response()
            }
            Err(error) => {
                tracing::error!(%error, "a request came to no end");
                respond(&Failure::broken(500).reply(), key.as_deref())
            }
        }
    }
}

/// The answer; none if a fault wants the connection broken.
async fn run<W>(bank: Arc<Bank>, call: Call, work: W) -> Option<Reply>
where
    W: FnOnce(&mut Draft<'_>, Params) -> Result<Reply, Failure> + Send + 'static,
{
    let Call { endpoint, keyed, params, .. } = call;
    let claim = keyed.as_ref().map(|keyed| bank.in_flight.claim(&keyed.key)).transpose();
    let _claim = match claim {
        Ok(claim) => claim,
        Err(failure) => return Some(failure.reply()),
    };
    let fault = bank.faults.strike(&endpoint);
    if let Some(fault) = &fault {
        tracing::info!(endpoint, effect = ?fault.effect, "a planned fault strikes");
    }
    match fault.as_ref().map(|fault| (fault.effect, fault.ms)) {
        Some((Effect::Refuse, _)) => return Some(Failure::broken(503).reply()),
        Some((Effect::Drop, _)) => return None,
        Some((Effect::Delay, ms)) => tokio::time::sleep(Duration::from_millis(ms)).await,
        _ => {}
    }
    let effect = fault.map(|fault| fault.effect);
    let written = bank.write(move |draft| {
        if let Some(replay) = keyed.as_ref().map(|keyed| keyed.replay(draft)).transpose()?.flatten() {
            return Ok(replay);
        }
        let reply = match effect {
            Some(Effect::Fail) => Failure::broken(500).reply(),
            _ => match work(draft, params) {
                Err(failure) if failure.executed => failure.reply(),
                outcome => outcome?,
            },
        };
        let reply = match effect {
            Some(Effect::ActThenFail) => Failure::broken(500).reply(),
            _ => reply,
        };
        if let Some(keyed) = keyed {
            keyed.store(draft, &reply);
        }
        Ok(reply)
    });
    let reply = written.await.unwrap_or_else(|failure: Failure| failure.reply());
    (effect != Some(Effect::ActThenDrop)).then_some(reply)
}

/// Whether the caller shows the secret key, as a bearer token or as the user of basic authentication.
pub fn authorise(headers: &HeaderMap, secret_key: &str) -> Result<(), Failure> {
    let Some(shown) = headers.get(header::AUTHORIZATION).map(HeaderValue::as_bytes) else {
        return Err(Failure::unauthorized(
            "You did not provide an API key. Use the Authorization header (e.g. 'Authorization: \
             Bearer YOUR_SECRET_KEY').",
        ));
    };
    let basic = BASE64_STANDARD.encode(format!("{secret_key}:"));
    let bearer = shown.ct_eq(format!("Bearer {secret_key}").as_bytes());
    if (bearer | shown.ct_eq(format!("Basic {basic}").as_bytes())).into() {
        return Ok(());
    }
    Err(Failure::unauthorized("Invalid API Key provided."))
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let mut keys = headers.get_all("idempotency-key").iter();
    let Some(key) = keys.next() else {
        return Ok(None);
    };
    match key.to_str() {
        Ok(key) if (1..=255).contains(&key.len()) && keys.next().is_none() => Ok(Some(key.to_owned())),
        _ => Err(Failure::malformed("An idempotency key is one header of 1 to 255 ASCII characters.")),
    }
}

/// The HTTP form of an answer.
pub fn respond(reply: &Reply, key: Option<&str>) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let content = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    let mut response = (status, content, reply.body.clone()).into_response();
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("request-id", &id::fresh("req_", 14));
    set("stripe-version", API_VERSION);
    if let Some(key) = key {
        set("idempotency-key", key);
    }
    if reply.replayed {
        set("idempotent-replayed", "true");
    }
    if status == StatusCode::UNAUTHORIZED {
        set("www-authenticate", "Bearer realm=\"Bank\"");
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue, header};

    use super::authorise;

    #[test]
    fn the_key_comes_as_bearer_or_as_basic_user() {
        let with = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
            authorise(&headers, "sk_test_1").is_ok()
        };
        assert!(with("Bearer sk_test_1"));
        // base64 of "sk_test_1:"
        assert!(with("Basic c2tfdGVzdF8xOg=="));
        assert!(!with("Bearer sk_test_2"));
        assert!(!with("Bearer sk_test_1 "));
        assert!(authorise(&HeaderMap::new(), "sk_test_1").is_err());
    }
}
