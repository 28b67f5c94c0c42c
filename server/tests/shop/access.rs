//! Who may call what: one table of every address, held against what the server really answers. A new server function
//! or page fails here until the table says who may call it.

use std::collections::BTreeSet;

use app::routes::App;
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::generate_route_list;
use reqwest::Method;

use crate::harness::{Answer, Client, PASSWORD, TestShop, address};

/// Who may call an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Everyone,
    /// Who has something in a basket, or an account.
    Shopper,
    /// Who is signed in.
    Customer,
    /// Who has the order's link, whoever it is.
    Holder,
    /// The bank, by its signature.
    Bank,
}

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Page,
    Read,
    Change,
    /// Neither a page nor a server function.
    Outside,
}

pub struct Row {
    pub path: &'static str,
    pub purpose: Purpose,
    pub access: Access,
    /// Parameters, `name=value`; `{…}` is filled in.
    parameters: &'static [&'static str],
}

const fn row(path: &'static str, purpose: Purpose, access: Access, parameters: &'static [&'static str]) -> Row {
    Row { path, purpose, access, parameters }
}

use Access::{Bank, Customer, Everyone, Holder, Shopper};
use Purpose::{Change, Outside, Page, Read};

const CONTACT: &[&str] = &["token={token}", "{address}"];

pub const TABLE: &[Row] = &[
    row("/", Page, Everyone, &[]),
    row("/search", Page, Everyone, &["q=emma"]),
    row("/book/{slug}", Page, Everyone, &[]),
    row("/author/{slug}", Page, Everyone, &[]),
    row("/subject/{slug}", Page, Everyone, &[]),
    row("/basket", Page, Everyone, &[]),
    row("/checkout", Page, Everyone, &[]),
    row("/sign-in", Page, Everyone, &[]),
    row("/sign-up", Page, Everyone, &[]),
    row("/order/{link}", Page, Holder, &[]),
    row("/order/{link}/pay", Page, Holder, &[]),
    row("/orders", Page, Customer, &[]),
    row("/prove-address/{proof}", Page, Customer, &[]),
    row("/api/home", Read, Everyone, &[]),
    row("/api/search", Read, Everyone, &["q=emma"]),
    row("/api/suggest", Read, Everyone, &["q=em"]),
    row("/api/book", Read, Everyone, &["slug=emma"]),
    row("/api/author", Read, Everyone, &["slug=jane-austen"]),
    row("/api/subject", Read, Everyone, &["slug=fiction"]),
    row("/api/basket", Read, Everyone, &[]),
    row("/api/delivery_choices", Read, Everyone, &[]),
    row("/api/checkout", Read, Everyone, &[]),
    row("/api/order", Read, Holder, &["link={link}"]),
    row("/api/order_progress", Read, Holder, &["link={link}"]),
    row("/api/orders", Read, Customer, &[]),
    row("/api/account", Read, Customer, &[]),
    row("/api/address_proof", Read, Customer, &["token={proof}"]),
    row("/api/add_to_basket", Change, Everyone, &["edition={edition}", "quantity=1"]),
    row("/api/set_quantity", Change, Shopper, &["edition={edition}", "quantity=1"]),
    row("/api/set_delivery", Change, Shopper, &["way=ship", "country=DE"]),
    row("/api/add_code", Change, Shopper, &["code=welcome"]),
    row("/api/remove_code", Change, Shopper, &["kind=discount_code"]),
    row("/api/place_order", Change, Shopper, CONTACT),
    row("/api/cancel_order", Change, Holder, &["order={link}"]),
    row("/api/send_address_proof", Change, Customer, &[]),
    row("/api/prove_address", Change, Customer, &["token={proof}"]),
    row("/api/sign_up", Change, Everyone, &["name=Eve", "email={email}", "password={password}"]),
    row("/api/sign_in", Change, Everyone, &["email=known@shopper.example", "password={password}"]),
    row("/api/sign_out", Change, Everyone, &[]),
    row("/webhooks/stripe", Outside, Bank, &[]),
    row("/livez", Outside, Everyone, &[]),
    row("/healthz", Outside, Everyone, &[]),
    row("/readyz", Outside, Everyone, &[]),
];

/// What stands in the place of `{…}`.
pub struct Fill {
    edition: u64,
    token: String,
    pub link: String,
    /// What proves the first account's address.
    proof: String,
}

impl Fill {
    /// With an order of somebody's, and the token of what `client` has in its basket.
    pub async fn of(shop: &TestShop, client: &Client) -> Self {
        Self::with(shop, client, shop.api().order(shop, "emma", 1).await).await
    }

    async fn with(shop: &TestShop, client: &Client, link: String) -> Self {
        let token = client.get("/api/checkout").await.json()["basket"]["token"].as_str().map(str::to_owned);
        let token = token.unwrap_or_else(|| "0".repeat(64));
        let proof = shop.proof_tokens().await.into_iter().next().unwrap_or_default();
        Self { edition: shop.edition("emma").await, token, link, proof }
    }

    fn fill(&self, text: &str) -> String {
        text.replace("{link}", &self.link)
            .replace("{proof}", &self.proof)
            .replace("{edition}", &self.edition.to_string())
            .replace("{token}", &self.token)
            .replace("{email}", &format!("{}@shopper.example", uuid::Uuid::now_v7().simple()))
            .replace("{password}", PASSWORD)
    }

    pub fn path(&self, row: &Row) -> String {
        let slug = match row.path {
            "/author/{slug}" => "jane-austen",
            "/subject/{slug}" => "fiction",
            _ => "emma",
        };
        let query = self.fill(&row.parameters.join("&")).replace("{address}", "");
        format!("{}?{query}", self.fill(&row.path.replace("{slug}", slug)))
    }

    pub fn fields(&self, row: &Row) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        for parameter in row.parameters {
            match parameter.split_once('=') {
                Some((name, value)) => fields.push((name.to_owned(), self.fill(value))),
                None => fields.extend(address().into_iter().map(|(name, value)| (name.to_owned(), value))),
            }
        }
        fields
    }
}

/// SECURITY 35.
#[tokio::test]
async fn every_address_that_the_server_answers_stands_in_the_table() {
    let table = |purposes: &[Purpose]| -> BTreeSet<(String, &str)> {
        let rows = TABLE.iter().filter(|row| purposes.contains(&row.purpose));
        rows.map(|row| (row.path.to_owned(), if row.purpose == Change { "POST" } else { "GET" })).collect()
    };
    let functions: BTreeSet<(String, &str)> = server_fn_paths()
        .map(|(path, method)| (path.to_owned(), if method == Method::POST { "POST" } else { "GET" }))
        .collect();
    assert_eq!(functions, table(&[Read, Change]), "server functions");
    let pages: BTreeSet<(String, &str)> =
        generate_route_list(App).iter().map(|route| (route.path().to_owned(), "GET")).collect();
    assert_eq!(pages, table(&[Page]), "pages");
}

/// SECURITY 35, 38: as a passer-by, as a guest, as a customer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_address_answers_those_who_may_and_refuses_the_others() {
    let shop = TestShop::open().await;
    shop.api().sign_up("known").await;
    shop.discount_code("WELCOME", 10).await;
    let emma = shop.edition("emma").await;
    let link = shop.api().order(&shop, "emma", 1).await;
    for row in TABLE {
        let passer_by = shop.api();
        let guest = shop.api();
        guest.add(emma, 1).await;
        let customer = shop.api();
        let signed_in = customer.sign_in("known").await;
        assert_eq!(signed_in.status, 200, "{signed_in:?}");
        customer.add(emma, 1).await;
        for (who, client) in [("a passer-by", passer_by), ("a guest", guest), ("a customer", customer)] {
            // What changes an order uses it up.
            let fill = match (row.purpose, row.access) {
                (Change, Holder) => Fill::of(&shop, &client).await,
                _ => Fill::with(&shop, &client, link.clone()).await,
            };
            let answer = call(&client, row, &fill).await;
            let refusal = match (row.access, who) {
                (Customer, "a passer-by" | "a guest") => Some(401),
                (Shopper, "a passer-by") => Some(409),
                (Bank, _) => Some(400),
                _ => None,
            };
            assert_eq!(answer.status, refusal.unwrap_or(200), "{} for {who}: {answer:?}", row.path);
            if row.access == Holder {
                let without = Fill { link: "0".repeat(32), ..fill };
                assert_eq!(call(&client, row, &without).await.status, 404, "{} for {who} without the link", row.path);
            }
        }
    }
    shop.close().await;
}

/// SECURITY 36.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sees_another_customers_orders_or_basket() {
    let shop = TestShop::open().await;
    let (ada, eve) = (shop.browser(), shop.browser());
    ada.sign_up("ada").await;
    eve.sign_up("eve").await;
    let link = ada.buy(&shop, "emma", 1).await;
    ada.add(shop.edition("persuasion").await, 1).await;
    let number: String =
        sqlx::query_scalar("select number from orders").fetch_one(shop.database().pool()).await.unwrap();
    for path in ["/orders", "/basket", "/checkout", "/", "/api/orders", "/api/basket", "/api/checkout"] {
        let page = eve.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        for secret in [number.as_str(), &link, "Persuasion</a>", "Reader ada", "ada@shopper.example"] {
            let shown = page.body.contains(secret);
            assert!(!shown || (path == "/" && secret == "Persuasion</a>"), "{path} shows {secret}");
        }
    }
    for path in [format!("/order/{number}"), format!("/order/{}", "f".repeat(32)), format!("/order/{link}0")] {
        assert_eq!(eve.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(eve.as_api().get("/api/orders").await.json().as_array().unwrap().len(), 0);
    let orders = ada.as_api().get("/api/orders").await.json();
    assert_eq!(orders[0]["number"].as_str(), Some(number.as_str()));
    shop.close().await;
}

async fn call(client: &Client, row: &Row, fill: &Fill) -> Answer {
    if row.purpose == Change {
        let key = format!("{:032x}", rand::random::<u128>());
        client.send(client.request(Method::POST, row.path).header("Idempotency-Key", key).form(&fill.fields(row))).await
    } else if row.access == Bank {
        client.send(client.request(Method::POST, row.path).body("{}")).await
    } else {
        client.get(&fill.path(row)).await
    }
}
