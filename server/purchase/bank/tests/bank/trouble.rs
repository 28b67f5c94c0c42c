//! Crashes, faults, slowness, and webhooks.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{self, PAYS, SLOW, Shop, TestBank, now, path};

#[tokio::test]
async fn the_books_outlive_the_process_and_a_torn_line() {
    let bank = TestBank::open().await;
    let intent = bank.authorised().await;
    let captured = bank.post(&path(&intent, "capture"), &[], Some("capture-1")).await;
    let session = bank.session(&[]).await;
    let before = bank.ledger().await;
    let bank = bank
        .restart_after(async |ledger| {
            use std::io::Write as _;
            let mut file = std::fs::OpenOptions::new().append(true).open(ledger).unwrap();
            file.write_all(br#"{"at":1,"entries":[{"ref"#).unwrap();
        })
        .await;
    assert_eq!(bank.ledger().await, before);
    let replay = bank.post(&path(&intent, "capture"), &[], Some("capture-1")).await;
    assert_eq!((replay.body, replay.replayed), (captured.body, true));
    let mut read = bank.read_session(&session).await;
    read["url"] = session["url"].clone();
    assert_eq!(read, session, "only the port is another");
    assert_eq!(bank.pay(&session, PAYS).await.status, 303);
    let bank = bank.restart_after(async |_| {}).await;
    assert_eq!(bank.read_session(&session).await["status"], "complete");
    let books = std::fs::read_to_string(bank.ledger_path()).unwrap();
    assert!(!books.contains("4242424242424242") && !books.contains("4242 4242"), "no card number");
    assert!(books.contains("\"last4\":\"4242\""));
}

#[tokio::test]
async fn a_session_expires_by_itself() {
    let bank = TestBank::open().await;
    let session = bank.session(&[]).await;
    let deadline = format!("\"expires_at\":{}", session["expires_at"]);
    let bank = bank
        .restart_after(async |ledger| {
            let books = std::fs::read_to_string(ledger).unwrap();
            std::fs::write(ledger, books.replace(&deadline, "\"expires_at\":1")).unwrap();
        })
        .await;
    assert_eq!(bank.pay(&session, PAYS).await.status, 410, "not even in the moment before the clock ticks");
    bank.until(async || bank.events("checkout.session.expired").await.len() == 1).await;
    assert_eq!(bank.read_session(&session).await["status"], "expired");
}

#[tokio::test]
async fn a_killed_process_forgets_nothing_that_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let start = || {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_octavo-bank"));
        command.env("OCTAVO_BANK__ADDRESS", format!("127.0.0.1:{port}")).env("OCTAVO_BANK__PUBLIC_URL", &url);
        command.env("OCTAVO_BANK__SECRET_KEY", support::KEY).env("OCTAVO_BANK__WEBHOOK_SECRET", "whsec_test");
        command.env("OCTAVO_BANK__LEDGER", &ledger).kill_on_drop(true).spawn().unwrap()
    };
    let http = support::client();
    let create = async || {
        let request = http.post(format!("{url}/v1/payment_intents")).bearer_auth(support::KEY);
        let form = [("amount", "900"), ("currency", "eur"), ("confirm", "true"), ("payment_method", "pm_card_visa")];
        let answer = request.header("Idempotency-Key", "one").form(&form).send().await.ok()?;
        answer.text().await.ok()
    };
    let mut answers = Vec::new();
    for _ in 0..2 {
        let mut process = start();
        let answer = loop {
            match create().await {
                Some(answer) => break answer,
                None => tokio::time::sleep(Duration::from_millis(30)).await,
            }
        };
        answers.push(answer);
        process.kill().await.unwrap();
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].contains("succeeded"));
}

#[tokio::test]
async fn a_damaged_ledger_and_a_second_bank_on_it_are_refused() {
    let bank = TestBank::open().await;
    let error = support::serve(bank.config()).await.1.await.unwrap().unwrap_err();
    assert!(error.to_string().contains("is in use"), "{error:#}");
    let folder = tempfile::tempdir().unwrap();
    let ledger = folder.path().join("ledger");
    std::fs::write(&ledger, "nonsense\n{}\n").unwrap();
    let config = bank::Config { ledger, ..bank.config() };
    let error = support::serve(config).await.1.await.unwrap().unwrap_err();
    assert!(error.to_string().contains("line 1 is damaged"), "{error:#}");
}

#[tokio::test]
async fn a_slow_payment_settles_by_itself_even_after_a_restart() {
    let bank = TestBank::open().await;
    let session = bank.session(&[]).await;
    let sent_back = bank.pay(&session, SLOW).await;
    assert!(sent_back.location.starts_with("http://shop.test/thanks"));
    let open = bank.read_session(&session).await;
    assert_eq!(open["status"], "open");
    let intent = bank.intent_of(&open).await;
    assert_eq!(intent["status"], "processing");
    assert_eq!(bank.pay(&session, PAYS).await.status, 303, "no second charge");
    assert!(bank.page(&session).await.body.contains("being processed"));
    let expire = format!("/v1/checkout/sessions/{}/expire", session["id"].as_str().unwrap());
    assert_eq!(bank.post(&expire, &[], None).await.status, 400);
    assert_eq!(bank.post(&path(&intent, "cancel"), &[], None).await.status, 400);

    let bank = bank.restart_after(async |_| tokio::time::sleep(Duration::from_millis(1500)).await).await;
    bank.until(async || bank.read_session(&session).await["status"] == "complete").await;
    assert_eq!(bank.intent_of(&bank.read_session(&session).await).await["status"], "requires_capture");
    assert_eq!(bank.ledger().await["totals"]["eur"]["authorised"], 2498);
}

#[tokio::test]
async fn faults_strike_where_they_are_planned() {
    let bank = TestBank::open().await;
    let create = [("amount", "900"), ("currency", "eur")];
    let endpoint = "POST /v1/payment_intents";
    bank.faults(&json!([{"endpoint": endpoint, "effect": "refuse"}])).await;
    assert_eq!(bank.post("/v1/payment_intents", &create, Some("a")).await.status, 503);
    let count = async || bank.ledger().await["intents"].as_array().unwrap().len();
    assert_eq!(count().await, 0);

    bank.faults(&json!([{"endpoint": endpoint, "effect": "act_then_drop"}])).await;
    assert!(bank.try_post("/v1/payment_intents", &create, Some("a")).await.is_err());
    assert_eq!(count().await, 1);
    let replay = bank.post("/v1/payment_intents", &create, Some("a")).await;
    assert_eq!((replay.status.as_u16(), replay.replayed), (200, true));

    bank.faults(&json!([{"endpoint": endpoint, "effect": "act_then_500"}])).await;
    for _ in 0..2 {
        let answer = bank.post("/v1/payment_intents", &create, Some("b")).await;
        assert_eq!(answer.status, 500, "a 500 is stored and replayed too");
    }
    assert_eq!(count().await, 2);

    bank.faults(&json!([{"endpoint": endpoint, "effect": "keep_500"}])).await;
    for _ in 0..2 {
        assert_eq!(bank.post("/v1/payment_intents", &create, Some("kept")).await.status, 500);
    }
    assert_eq!(count().await, 2, "this one was not even begun");

    bank.faults(&json!([{"endpoint": "*", "effect": "drop", "times": 2}])).await;
    assert!(bank.try_post("/v1/payment_intents", &create, Some("c")).await.is_err());
    bank.faults(&json!([])).await;
    assert_eq!(count().await, 2);
    assert_eq!(bank.post("/v1/payment_intents", &create, Some("c")).await.status, 200);
    let nonsense = bank.http.post(format!("{}/control/faults", bank.url)).bearer_auth(support::KEY);
    let nonsense = nonsense.json(&json!([{"endpoint": "*", "effect": "explode"}]));
    assert_eq!(nonsense.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn webhooks_are_signed_retried_and_survive_a_restart() {
    let shop = Shop::open().await;
    shop.refuse(2);
    let bank = TestBank::open_for(&shop).await;
    let intent = bank.authorised().await;
    bank.until(async || bank.ledger().await["undelivered_events"] == 0).await;
    let events = shop.received();
    assert_eq!((shop.distinct(), events.len()), (2, 4), "the two refused ones came again");
    for received in &events {
        let time = received.signature.strip_prefix("t=").unwrap().split(',').next().unwrap();
        let expected = bank::signature("whsec_test", &received.body, time.parse().unwrap());
        assert_eq!(received.signature, expected);
        assert!((now() - time.parse::<i64>().unwrap()).abs() < 60);
    }
    let body: Value = serde_json::from_str(&events.last().unwrap().body).unwrap();
    assert_eq!((&body["object"], &body["livemode"]), (&json!("event"), &json!(false)));
    let kinds = shop.kinds();
    assert!(kinds.contains(&"payment_intent.amount_capturable_updated".to_owned()));
    assert!(kinds.contains(&"checkout.session.completed".to_owned()));

    shop.refuse(1000);
    bank.capture(&intent, &[]).await;
    bank.until(async || shop.kinds().contains(&"payment_intent.succeeded".to_owned())).await;
    let bank = bank.restart_after(async |_| shop.refuse(0)).await;
    bank.until(async || bank.ledger().await["undelivered_events"] == 0).await;
}

#[tokio::test]
async fn webhooks_come_twice_late_or_never_when_told() {
    let shop = Shop::open().await;
    let bank = TestBank::open_for(&shop).await;
    bank.faults(&json!([{"webhooks": "twice"}])).await;
    bank.authorised().await;
    bank.until(async || shop.received().len() == 4).await;
    assert_eq!(shop.distinct(), 2);

    bank.faults(&json!([{"webhooks": "never"}])).await;
    bank.authorised().await;
    bank.until(async || bank.ledger().await["undelivered_events"] == 0).await;
    assert_eq!(shop.distinct(), 2);
    assert_eq!(bank.events("checkout.session.completed").await.len(), 2, "lost, but on the books");

    for late in [json!([{"webhooks": "delayed", "ms": 600}]), json!([{"webhooks": "shuffled", "ms": 600}])] {
        bank.faults(&late).await;
        let before = shop.distinct();
        bank.authorised().await;
        assert_eq!(shop.distinct(), before);
        bank.until(async || shop.distinct() == before + 2).await;
    }
}

#[tokio::test]
async fn while_a_secret_is_rotated_webhooks_carry_a_signature_of_each() {
    let shop = Shop::open().await;
    let bank = TestBank::open_for(&shop).await;
    bank.faults(&json!([{"webhook_secrets": ["whsec_old", "whsec_new"]}])).await;
    bank.captured("pm_card_visa", 900).await;
    bank.until(async || !shop.received().is_empty()).await;
    let received = &shop.received()[0];
    let (time, signatures) = received.signature.split_once(',').unwrap();
    let time = time.strip_prefix("t=").unwrap().parse().unwrap();
    let one = |secret: &str| bank::signature(secret, &received.body, time).split_once(',').unwrap().1.to_owned();
    assert_eq!(signatures, format!("{},{}", one("whsec_old"), one("whsec_new")));

    bank.faults(&json!([])).await;
    let before = shop.received().len();
    bank.captured("pm_card_visa", 900).await;
    bank.until(async || shop.received().len() > before).await;
    assert_eq!(shop.received()[before].signature.matches("v1=").count(), 1);
}
