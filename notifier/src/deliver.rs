//! Sends the mails that are due. A mail is `sending` in the database before the mail server hears of it, so that
//! a killed process leaves no doubt about which mails are in doubt.

use std::sync::Arc;
use std::time::Duration;

use database::Database;
use lettre::Address;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::mail::{self, Leased, Outcome, State};
use crate::smtp::{Answer, Server};

/// How many mails are on their way at once.
const AT_ONCE: usize = 16;
const POLL: Duration = Duration::from_secs(1);
/// How long it waits for more mails to come or to be done with, so that one transaction serves them all.
const GATHER: Duration = Duration::from_millis(10);
const LONGEST_BACKOFF: Duration = Duration::from_secs(30);
const RECLAIM_EVERY: Duration = Duration::from_secs(10);

/// How long mails in hand may take once the process is asked to stop.
const GRACE: Duration = Duration::from_secs(25);

/// How much longer a lease is than a conversation with the mail server can be.
const MARGIN: Duration = Duration::from_secs(60);

/// Seconds until the next try, after the first, second, ... one.
const WAITS: [u32; 5] = [30, 2 * 60, 10 * 60, 60 * 60, 4 * 60 * 60];

/// Least seconds until a mail is sent again that may have been taken.
const UNCERTAIN_WAIT: u32 = 15 * 60;

/// Seconds after which a mail is given up.
const TOO_OLD: i64 = 3 * 24 * 60 * 60;

/// The column `last_answer` has room for so many characters.
const ANSWER_LENGTH: usize = 500;

/// Sends mails through one mail server.
pub struct Deliverer {
    database: Database,
    server: Server,
    from: Address,
    wake: Arc<Notify>,
    id: Uuid,
}

impl Deliverer {
    pub fn new(database: Database, server: Server, from: Address, wake: Arc<Notify>) -> Self {
        Self { database, server, from, wake, id: Uuid::now_v7() }
    }

    /// Delivers until `cancel`: every second, and whenever it is woken. Mails in hand are finished.
    pub async fn run(self: Arc<Self>, cancel: &CancellationToken) {
        let mut sending = JoinSet::new();
        let mut tried = Vec::new();
        let mut failures = 0_u32;
        let mut next_reclaim = Instant::now();
        // Whether mails may be waiting.
        let mut look = true;
        while !cancel.is_cancelled() {
            while let Some(ended) = sending.try_join_next() {
                tried.extend(ended);
            }
            let due = Instant::now() >= next_reclaim;
            let free = if look { AT_ONCE - sending.len() } else { 0 };
            let wait = match self.step(&mut tried, free, due).await {
                Ok(leased) => {
                    if failures > 0 {
                        tracing::info!(failures, "mails are taken up again");
                    }
                    failures = 0;
                    if due {
                        next_reclaim = Instant::now() + RECLAIM_EVERY;
                    }
                    look &= leased.len() == free;
                    for mail in leased {
                        sending.spawn(Arc::clone(&self).deliver(mail));
                    }
                    POLL
                }
                Err(error) => {
                    if failures == 0 {
                        let error = format!("{:#}", anyhow::Error::new(error));
                        tracing::warn!(error, "mails cannot be looked after; they wait until this passes");
                    }
                    failures += 1;
                    POLL.saturating_mul(1 << failures.min(6)).min(LONGEST_BACKOFF)
                }
            };
            tokio::select! {
                () = cancel.cancelled() => {}
                () = sleep(wait) => {
                    look = true;
                    self.server.let_go();
                }
                () = self.wake.notified(), if failures == 0 => {
                    look = true;
                    sleep(GATHER).await;
                }
                Some(ended) = sending.join_next(), if failures == 0 => {
                    tried.extend(ended);
                    sleep(GATHER).await;
                }
            }
        }
        let finish = async {
            loop {
                // A mail that was sent and not marked would be sent again.
                while self.settle(&mut tried).await.is_err() {
                    sleep(POLL).await;
                }
                let Some(ended) = sending.join_next().await else { break };
                tried.extend(ended);
            }
        };
        if timeout(GRACE, finish).await.is_err() {
            tracing::warn!("mails are left in the sending; they count as uncertain");
        }
    }

    /// Writes down what became of those tried, and takes up to `most` others.
    async fn step(
        &self,
        tried: &mut Vec<(Uuid, Outcome)>,
        most: usize,
        reclaim: bool,
    ) -> Result<Vec<Leased>, database::Error> {
        self.settle(tried).await?;
        self.lease(most, reclaim).await
    }

    async fn lease(&self, most: usize, reclaim: bool) -> Result<Vec<Leased>, database::Error> {
        if reclaim {
            let orphans = mail::reclaim(&self.database).await?;
            if orphans > 0 {
                tracing::warn!(mails = orphans, "a sender died over mails; they will be sent again after a wait");
            }
        }
        if most == 0 {
            return Ok(Vec::new());
        }
        mail::lease(&self.database, self.id, most, self.server.longest() + MARGIN).await
    }

    async fn deliver(self: Arc<Self>, mut mail: Leased) -> (Uuid, Outcome) {
        if failpoint::defect("message_id_per_try") {
            let (mime, other) = (String::from_utf8_lossy(&mail.mime), format!("Message-ID: <{}-", Uuid::new_v4()));
            mail.mime = mime.replace("Message-ID: <", &other).into_bytes();
        }
        let outcome = match mail.recipient.parse() {
            Ok(recipient) => {
                failpoint::at("deliver", "before_send");
                let answer = self.server.send(&self.from, &recipient, &mail.mime).await;
                failpoint::at("deliver", "before_mark");
                judge(answer, &mail)
            }
            Err(_) => Outcome { state: State::Failed, wait: 0, answer: "not an address".to_owned() },
        };
        // The mail server's words stay in the database: they may quote the address.
        match outcome.state {
            State::Sent => tracing::info!(mail_id = %mail.id, attempts = mail.attempts, "a mail is sent"),
            State::Failed => tracing::error!(mail_id = %mail.id, attempts = mail.attempts, "a mail is given up"),
            state => tracing::warn!(
                mail_id = %mail.id, attempts = mail.attempts, ?state, wait = outcome.wait,
                "a mail is not sent yet"
            ),
        }
        (mail.id, outcome)
    }

    /// Writes down what became of tries, and forgets them once that is stored.
    async fn settle(&self, tried: &mut Vec<(Uuid, Outcome)>) -> Result<(), database::Error> {
        if tried.is_empty() {
            return Ok(());
        }
        let settled = mail::settle(&self.database, self.id, tried).await?;
        failpoint::at("deliver", "after_mark");
        for ((id, _), settled) in tried.drain(..).zip(settled) {
            if !settled {
                tracing::warn!(mail_id = %id, "a mail's lease ended before it was settled");
            }
        }
        Ok(())
    }
}

fn judge(answer: Answer, mail: &Leased) -> Outcome {
    let (state, wait, answer) = match answer {
        Answer::Taken(answer) => (State::Sent, 0, answer),
        Answer::Refused(answer) => (State::Failed, 0, answer),
        Answer::Later(answer) | Answer::Unknown(answer) if mail.age > TOO_OLD => (State::Failed, 0, answer),
        Answer::Later(answer) => (State::Retry, wait(mail.attempts), answer),
        Answer::Unknown(answer) => (State::Uncertain, wait(mail.attempts).max(UNCERTAIN_WAIT), answer),
    };
    Outcome { state, wait, answer: answer.chars().take(ANSWER_LENGTH).collect() }
}

/// The wait after a number of tries, give or take a fifth, so that mails that failed together part.
fn wait(attempts: u32) -> u32 {
    let tries = usize::try_from(attempts).unwrap_or(usize::MAX).clamp(1, WAITS.len());
    let wait = WAITS[tries - 1];
    rand::random_range(wait - wait / 5..=wait + wait / 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(attempts: u32, age: i64) -> Leased {
        Leased { id: Uuid::nil(), recipient: String::new(), mime: Vec::new(), attempts, age }
    }

    #[test]
    fn waits_grow_with_the_tries_and_stop_growing() {
        for (attempts, seconds) in [(1, 30), (2, 120), (3, 600), (4, 3600), (5, 14_400), (99, 14_400)] {
            let wait = wait(attempts);
            assert!(wait.abs_diff(seconds) <= seconds / 5, "{attempts} tries: {wait} s");
        }
    }

    #[test]
    fn a_mail_that_may_have_been_taken_waits_longer() {
        let outcome = judge(Answer::Unknown("no answer in time".to_owned()), &mail(1, 0));
        assert_eq!((outcome.state, outcome.wait), (State::Uncertain, UNCERTAIN_WAIT));
    }

    #[test]
    fn a_mail_is_given_up_after_three_days() {
        let outcome = judge(Answer::Later("451 not now".to_owned()), &mail(20, TOO_OLD + 1));
        assert_eq!(outcome.state, State::Failed);
        assert_eq!(judge(Answer::Taken(String::new()), &mail(20, TOO_OLD + 1)).state, State::Sent);
    }

    #[test]
    fn a_long_answer_is_cut_between_characters() {
        let outcome = judge(Answer::Refused("é".repeat(600)), &mail(1, 0));
        assert_eq!(outcome.answer.chars().count(), ANSWER_LENGTH);
    }
}
