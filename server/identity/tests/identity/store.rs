//! The session's rows.

use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime};
use tower_sessions::SessionStore as _;
use tower_sessions::session::{Id, Record};
use uuid::Uuid;

use crate::browser::Shop;

fn record(life: Duration) -> Record {
    Record {
        id: Id::default(),
        data: [("flash".to_owned(), "schön 📚".into())].into(),
        expiry_date: OffsetDateTime::now_utc() + life,
    }
}

#[tokio::test]
async fn a_session_is_read_as_it_was_written_and_deleted_for_good() {
    let shop = Shop::open().await;
    let mut kept = record(Duration::hours(1));
    shop.store.create(&mut kept).await.unwrap();
    let loaded = shop.store.load(&kept.id).await.unwrap().unwrap();
    assert_eq!((loaded.id, &loaded.data), (kept.id, &kept.data));
    assert!((loaded.expiry_date - kept.expiry_date).abs() < Duration::seconds(5));

    kept.data.insert("flash".to_owned(), 7.into());
    shop.store.save(&kept).await.unwrap();
    assert_eq!(shop.store.load(&kept.id).await.unwrap().unwrap().data, kept.data);

    shop.store.delete(&kept.id).await.unwrap();
    assert_eq!(shop.store.load(&kept.id).await.unwrap(), None);
    assert!(shop.store.save(&kept).await.is_err());
    shop.close().await;
}

#[tokio::test]
async fn security_22_every_new_session_has_an_id_of_its_own() {
    let shop = Shop::open().await;
    let mut first = record(Duration::hours(1));
    shop.store.create(&mut first).await.unwrap();
    let mut second = first.clone();
    shop.store.create(&mut second).await.unwrap();
    assert_ne!(first.id, second.id);
    assert!(shop.store.load(&first.id).await.unwrap().is_some());
    assert!(shop.store.load(&second.id).await.unwrap().is_some());
    shop.close().await;
}

#[tokio::test]
async fn the_table_holds_no_id_but_its_hash_and_knows_whose_session_it_is() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    browser.shopper_or_new().await;
    assert_eq!(rows(&shop).await[0].1, None);
    let customer = browser.sign_up("ada@example.org").await.unwrap().customer;

    let id = browser.cookie.unwrap();
    let rows = rows(&shop).await;
    assert_eq!(rows.len(), 1);
    let (id_hash, customer_id, data) = &rows[0];
    assert_eq!(id_hash.as_slice(), Sha256::digest(id.0.to_le_bytes()).as_slice());
    assert_eq!(*customer_id, Some(customer.id().as_uuid()));
    for spelling in [id.to_string(), id.0.to_string(), format!("{:x}", id.0)] {
        assert!(!data.contains(&spelling));
    }
    shop.close().await;
}

#[tokio::test]
async fn security_27_an_expired_session_opens_nothing_and_cannot_be_saved() {
    let shop = Shop::open().await;
    let mut browser = shop.browser();
    browser.sign_up("ada@example.org").await.unwrap();
    let session = browser.session();
    session.insert("flash", 1).await.unwrap();
    sqlx::query!("update session set expires_at = utc_timestamp(6)").execute(shop.database().pool()).await.unwrap();
    assert!(session.save().await.is_err());
    assert!(!browser.is_stored().await);
    assert_eq!(browser.shopper().await, None);
    shop.close().await;
}

#[tokio::test]
async fn a_sweep_deletes_what_has_expired_and_nothing_else() {
    let shop = Shop::open().await;
    let mut alive = record(Duration::hours(1));
    shop.store.create(&mut alive).await.unwrap();
    for _ in 0..3 {
        shop.store.create(&mut record(-Duration::seconds(1))).await.unwrap();
    }
    assert_eq!(shop.store.sweep().await.unwrap(), 3);
    assert_eq!(shop.store.sweep().await.unwrap(), 0);
    assert!(shop.store.load(&alive.id).await.unwrap().is_some());
    shop.close().await;
}

#[tokio::test]
async fn sweeping_starts_at_once_goes_through_all_batches_and_ends_when_told() {
    let shop = Shop::open().await;
    // 2,500 rows: three batches.
    sqlx::query!(
        r#"
        insert into session (id_hash, data, expires_at)
        with recursive number (n) as (select 1 union all select n + 1 from number where n < 50)
        select unhex(sha2(a.n * 100 + b.n, 256)), '{}', utc_timestamp(6) - interval 1 second
        from number a join number b
        "#,
    )
    .execute(shop.database().pool())
    .await
    .unwrap();
    assert_eq!(rows(&shop).await.len(), 2500);
    let cancel = tokio_util::sync::CancellationToken::new();
    let sweeping = tokio::spawn({
        let (store, cancel) = (shop.store.clone(), cancel.clone());
        async move { store.run(cancel).await }
    });
    while !rows(&shop).await.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    cancel.cancel();
    sweeping.await.unwrap();
    shop.close().await;
}

async fn rows(shop: &Shop) -> Vec<(Vec<u8>, Option<Uuid>, String)> {
    sqlx::query!(r#"select id_hash, customer_id as "customer_id: Uuid", data from session"#)
        .map(|row| (row.id_hash, row.customer_id, row.data))
        .fetch_all(shop.database().pool())
        .await
        .unwrap()
}
