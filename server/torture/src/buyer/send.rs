//! How buyers send what they ask for, and write down that and what came of it.

use std::time::Duration;

use rand::RngExt;
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use super::Buyer;
use crate::client::{Answer, Client};
use crate::history::{End, Operation};

impl Buyer {
    pub(super) fn order_request(&mut self, operation: &Operation) -> (RequestBuilder, Duration) {
        let mut body = json!({
            "token": operation.token, "email": operation.email, "name": "Ada Lovelace", "street": "12 Row",
            "postcode": "1010", "city": "Wien",
        });
        if !operation.method.is_empty() {
            body["payment_method"] = json!(operation.method);
        }
        let request = self.client.request(Method::POST, "/api/place_order", "application/json");
        (request.header("Idempotency-Key", &operation.key).json(&body), self.patience())
    }

    pub(super) fn form_request(&mut self, operation: &Operation) -> (RequestBuilder, Duration) {
        let form = [
            ("token", operation.token.as_str()),
            ("email", &operation.email),
            ("name", "Ada Lovelace"),
            ("street", "12 Row"),
            ("postcode", "1010"),
            ("city", "Wien"),
        ];
        let request = self.client.request(Method::POST, "/api/place_order", "text/html");
        (request.header("Referer", format!("{}/checkout", self.shop.url)).form(&form), self.patience())
    }

    /// Some hang up in the middle.
    fn patience(&mut self) -> Duration {
        Duration::from_millis(if self.chance(12) { self.rng.random_range(1..400) } else { 20_000 })
    }

    /// Sends a request, and writes down that and what came of it.
    pub(super) fn recorded(
        &self,
        mut operation: Operation,
        request: RequestBuilder,
        patience: Duration,
    ) -> impl Future<Output = Option<Answer>> + Send + 'static {
        let history = self.history.clone();
        async move {
            let number = history.invoke(&mut operation);
            let answer = Client::send(request, patience).await.map(|(answer, _)| answer);
            if let Some(answer) = &answer {
                operation.status = answer.status;
                operation.code = answer.code();
                operation.location.clone_from(&answer.location);
                operation.replayed = answer.replayed;
                operation.body.clone_from(&answer.body);
                if operation.order.is_empty() {
                    operation.order = answer.order();
                }
                operation.end = match answer.status {
                    202 | 500.. => End::Info,
                    400.. if operation.code == "in_flight" => End::Info,
                    400.. => End::Fail,
                    _ => End::Ok,
                };
            }
            history.complete(number, &mut operation);
            answer
        }
    }
}

/// An answer that the same request will always get.
pub(super) fn is_settled(answer: &Answer) -> bool {
    !matches!(answer.status, 202 | 500..) && answer.code() != "in_flight"
}

/// Waits for all at once.
pub(super) async fn join_all<T: Send + 'static>(all: Vec<impl Future<Output = T> + Send + 'static>) -> Vec<T> {
    let tasks: Vec<_> = all.into_iter().map(tokio::spawn).collect();
    let mut done = Vec::new();
    for task in tasks {
        done.push(task.await.unwrap());
    }
    done
}
