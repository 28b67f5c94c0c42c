//! What a load balancer asks.

use crate::harness::TestShop;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_that_is_open_is_alive_and_ready() {
    let shop = TestShop::open().await;
    for path in ["/livez", "/healthz", "/readyz"] {
        assert_eq!(shop.api().get(path).await.status, 200, "{path}");
    }
    shop.close().await;
}

/// A server of a newer version waits until its schema is there; it is alive all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_whose_schema_is_not_its_own_is_alive_and_not_ready() {
    let shop = TestShop::open().await;
    shop.execute("create table kept as select * from _sqlx_migrations; delete from _sqlx_migrations where version > 1")
        .await;
    let ready = shop.api().get("/readyz").await;
    assert_eq!((ready.status, ready.body.as_str()), (503, "the schema is not this version's\n"));
    assert_eq!(shop.api().get("/healthz").await.status, 200);
    shop.execute("insert ignore into _sqlx_migrations select * from kept; drop table kept").await;
    assert_eq!(shop.api().get("/readyz").await.status, 200);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_without_its_schema_does_not_open_and_says_what_to_do() {
    let shop = TestShop::open().await;
    shop.execute("delete from _sqlx_migrations where version > 1").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = leptos::config::LeptosOptions::builder().output_name("octavo").build();
    let opened =
        server::run(shop.settings.config(), options, listener, tokio_util::sync::CancellationToken::new()).await;
    let error = opened.unwrap_err().to_string();
    assert!(error.contains("octavo-server migrate"), "{error}");
    shop.close().await;
}
