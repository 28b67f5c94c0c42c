//! What the mail server says decides how a mail stands; every try sends the same bytes.

use std::time::Duration;

use tokio::time::sleep;
use uuid::Uuid;

use crate::sink::{Manner, header};
use crate::world::{World, address_proof, order_confirmed, within};

#[tokio::test]
async fn a_mail_is_sent_once_with_its_headers() {
    let world = World::create().await;
    let running = world.start().await;
    world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
    world.until("sent", 1).await;
    world.hurry().await;
    sleep(Duration::from_millis(1500)).await;
    let kept = world.sink.kept();
    assert_eq!(kept.len(), 1);
    assert_eq!(header(&kept[0], "Subject"), "Your order K7PQ2M4XD at Octavo");
    assert!(header(&kept[0], "Message-ID").ends_with("@octavo.example>"));
    world.end(running).await;
}

#[tokio::test]
async fn mails_go_over_one_line_and_over_a_new_one_where_the_server_has_hung_up() {
    let world = World::create().await;
    let running = world.start().await;
    let send = async |kept: usize| {
        world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
        within("a mail does not come", async || world.sink.kept().len() == kept).await;
        within("a mail is not settled", async || world.unsent().await == 0).await;
    };
    send(1).await;
    send(2).await;
    assert_eq!(world.sink.lines(), 1);
    world.sink.expect(Manner::TakeAndHangUp);
    send(3).await;
    send(4).await;
    assert_eq!(world.sink.lines(), 2);
    assert_eq!(world.execute("update mail set attempts = 0 where attempts > 1").await, 0, "a mail was tried twice");
    world.end(running).await;
}

#[tokio::test]
async fn many_mails_at_once_are_each_sent_once() {
    let world = World::create().await;
    for _ in 0..2 {
        world.sink.expect(Manner::AnswerMail("451 not now"));
    }
    let running = world.start().await;
    for _ in 0..50 {
        world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
    }
    within("two mails are not taken", async || world.sink.turned_away().len() == 2).await;
    within("the others are not sent", async || world.unsent().await == 2).await;
    world.hurry().await;
    within("not all are sent", async || world.unsent().await == 0 && world.mails().await == 50).await;
    assert_eq!(world.sink.kept().len(), 50);
    world.end(running).await;
}

#[tokio::test]
async fn what_is_not_taken_now_is_sent_later_as_the_same_mail() {
    let world = World::create().await;
    world.sink.expect(Manner::AnswerMail("451 not now"));
    world.sink.expect(Manner::AnswerRecipient("450 busy"));
    let running = world.start().await;
    world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
    assert!(world.until("retry", 1).await.contains("not now"));
    world.hurry().await;
    assert!(world.until("retry", 2).await.contains("busy"));
    world.hurry().await;
    world.until("sent", 3).await;
    assert_eq!(world.sink.turned_away(), world.sink.kept());
    world.end(running).await;
}

#[tokio::test]
async fn a_recipient_that_is_refused_for_good_fails() {
    let world = World::create().await;
    world.sink.expect(Manner::AnswerRecipient("550 no such user"));
    let running = world.start().await;
    world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
    assert!(world.until("failed", 1).await.contains("no such user"));
    world.hurry().await;
    sleep(Duration::from_millis(1500)).await;
    assert_eq!(world.sink.kept().len(), 0);
    world.end(running).await;
}

#[tokio::test]
async fn a_server_that_falls_silent_or_hangs_up_after_the_mail_makes_it_uncertain_then_the_same_mail_goes_again() {
    for manner in [Manner::Silence, Manner::HangUp] {
        let world = World::create().await;
        world.sink.expect(manner);
        let running = world.start().await;
        world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
        world.until("uncertain", 1).await;
        world.hurry().await;
        world.until("sent", 2).await;
        let kept = world.sink.kept();
        assert_eq!(kept.len(), 2);
        assert_eq!(kept[0], kept[1], "bytes and Message-ID are the same");
        world.end(running).await;
    }
}

#[tokio::test]
async fn a_mail_server_that_is_away_loses_nothing() {
    let world = World::create().await;
    world.sink.shut(true);
    let running = world.start().await;
    world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
    world.until("retry", 1).await;
    world.sink.shut(false);
    world.hurry().await;
    world.until("sent", 2).await;
    assert_eq!(world.sink.kept().len(), 1);
    world.end(running).await;
}

#[tokio::test]
async fn a_mail_in_the_hands_of_a_killed_process_is_uncertain_once_its_lease_ends() {
    let world = World::create().await;
    world.sink.expect(Manner::Silence);
    let running = world.start().await;
    world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
    world.until("sending", 1).await;
    running.kill().await;
    assert_eq!(world.execute("update mail set leased_until = current_timestamp(6) where state = 'sending'").await, 1);
    let running = world.start().await;
    world.until("uncertain", 1).await;
    world.hurry().await;
    world.until("sent", 2).await;
    let kept = world.sink.kept();
    assert_eq!(kept.last(), kept.first());
    world.end(running).await;
}

#[tokio::test]
async fn a_mail_that_comes_too_late_to_be_of_use_expires_unsent() {
    let world = World::create().await;
    world.sink.expect(Manner::AnswerMail("451 not now"));
    let running = world.start().await;
    world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
    world.until("retry", 1).await;
    world.execute("update mail set not_after = current_timestamp(6), next_at = current_timestamp(6)").await;
    world.until("expired", 1).await;
    assert_eq!(world.sink.kept().len(), 0);
    world.end(running).await;
}

/// The link in it is as good as a password, and is needed by no try any more.
#[tokio::test]
async fn a_mail_with_a_link_that_works_once_is_wiped_when_it_is_sent_given_up_or_too_late() {
    for (manner, state) in [(None, "sent"), (Some("550 no such user"), "failed"), (Some("451 not now"), "expired")] {
        let world = World::create().await;
        if let Some(answer) = manner {
            world.sink.expect(Manner::AnswerRecipient(answer));
        }
        let running = world.start().await;
        world.publish_message(Uuid::now_v7(), &address_proof()).await;
        if state == "expired" {
            world.until("retry", 1).await;
            assert_eq!(world.execute("update mail set attempts = attempts where mime like '%prove-address%'").await, 1);
            world.execute("update mail set not_after = current_timestamp(6), next_at = current_timestamp(6)").await;
        }
        world.until(state, 1).await;
        assert_eq!(world.sink.kept().len(), usize::from(state == "sent"));
        assert_eq!(world.execute("update mail set attempts = attempts where mime <> ''").await, 0, "{state}");
        world.end(running).await;
    }
}

#[tokio::test]
async fn any_other_mail_is_kept_as_it_was_sent() {
    let world = World::create().await;
    let running = world.start().await;
    world.publish_message(Uuid::now_v7(), &order_confirmed()).await;
    world.until("sent", 1).await;
    assert_eq!(world.execute("update mail set attempts = attempts where mime like '%K7PQ2M4XD%'").await, 1);
    world.end(running).await;
}
