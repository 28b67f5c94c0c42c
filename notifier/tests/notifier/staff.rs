//! What the notifier answers over HTTP.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::world::{CREDENTIAL, World, order_confirmed};

async fn get(address: SocketAddr, path: &str, credential: Option<&str>) -> (u16, String) {
    let authorization = credential.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request = format!("GET {path} HTTP/1.1\r\nHost: notifier\r\nConnection: close\r\n{authorization}\r\n");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[tokio::test]
async fn staff_see_how_mails_stand_and_nobody_else_does() {
    let world = World::create().await;
    let running = world.start().await;
    world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
    world.until("sent", 1).await;
    let staff = Some(CREDENTIAL);

    let (status, body) = get(running.address, "/mails", staff).await;
    assert_eq!(status, 200);
    let mails: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(mails[0]["state"], "sent");
    assert_eq!(mails[0]["kind"], "order.confirmed");
    assert_eq!(mails[0]["recipient"], "ada@example.org");
    assert_eq!(mails[0]["attempts"], 1);
    assert!(mails[0]["sent_at"].as_str().unwrap().ends_with('Z'));
    assert!(mails[0].get("mime").is_none());

    assert_eq!(get(running.address, "/mails?state=failed", staff).await, (200, "[]".to_owned()));
    assert_eq!(get(running.address, "/mails?state=lost", staff).await.0, 400);
    for stranger in [None, Some(""), Some("a credential for staf"), Some("A credential for staff")] {
        let (status, body) = get(running.address, "/mails?state=lost", stranger).await;
        assert_eq!((status, body.as_str()), (401, ""));
    }
    world.end(running).await;
}

#[tokio::test]
async fn it_lives_without_its_database_but_is_not_ready() {
    let world = World::create().await;
    let running = world.start().await;
    assert_eq!(get(running.address, "/livez", None).await.0, 200);
    assert_eq!(get(running.address, "/readyz", None).await.0, 200);
    world.to_database.cut();
    assert_eq!(get(running.address, "/livez", None).await.0, 200);
    assert_eq!(get(running.address, "/readyz", None).await.0, 503);
    world.to_database.mend();
    assert_eq!(get(running.address, "/readyz", None).await.0, 200);
    world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
    world.end(running).await;
}
