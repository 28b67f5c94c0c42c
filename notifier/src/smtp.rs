//! One conversation with the mail server. It is led step by step, so that it is known whether the server can
//! have taken the mail. lettre's own transport is not used: it never times out while it waits for an answer, and
//! a conversation that is cut off goes back to its pool with an answer outstanding, which the next mail would
//! take for its own. Here only a conversation that has come to its good end is gone on with for the next mail.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use percent_encoding::percent_decode_str;
use tokio::time::{Instant, timeout};
use url::{Host, Url};

const GOODBYE: Duration = Duration::from_secs(5);

/// How long a line is kept for the next mail.
const REST: Duration = Duration::from_secs(5);

/// The mail server, and how to speak with it.
pub struct Server {
    host: String,
    port: u16,
    security: Security,
    credentials: Option<Credentials>,
    /// How long to wait for an answer; twice that for the last one, for which the server does its work.
    patience: Duration,
    resting: Mutex<Vec<Resting>>,
}

/// A line on which the last mail was taken, with nothing outstanding.
struct Resting {
    line: AsyncSmtpConnection,
    since: Instant,
}

enum Security {
    None,
    Opportunistic,
    StartTls,
    Tls,
}

/// An address of a mail server that cannot be read. The address is not repeated: it has a password in it.
#[derive(Debug, thiserror::Error)]
#[error("not the address of a mail server")]
pub struct InvalidUrl;

/// What came of a try.
#[derive(Debug)]
pub enum Answer {
    /// The server has taken the mail.
    Taken(String),
    /// The server has not taken it, and may yet.
    Later(String),
    /// The server will never take it.
    Refused(String),
    /// The server may have taken it.
    Unknown(String),
}

enum Failure {
    Smtp(smtp::Error),
    Silent,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smtp(error) => error.fmt(f),
            Self::Silent => f.write_str("no answer in time"),
        }
    }
}

impl Failure {
    fn is_permanent(&self) -> bool {
        matches!(self, Self::Smtp(error) if error.is_permanent())
    }

    fn is_answer(&self) -> bool {
        matches!(self, Self::Smtp(error) if error.is_permanent() || error.is_transient())
    }
}

impl Server {
    /// Reads `smtps://user:password@host:port`, or `smtp://` with `?tls=required` or `?tls=opportunistic`.
    pub fn parse(url: &str, patience: Duration) -> Result<Self, InvalidUrl> {
        let url = Url::parse(url).map_err(|_| InvalidUrl)?;
        let host = match url.host().ok_or(InvalidUrl)? {
            Host::Ipv6(address) => address.to_string(),
            other => other.to_string(),
        };
        let tls = url.query_pairs().find(|(key, _)| key == "tls").map(|(_, value)| value.into_owned());
        let (security, default_port) = match (url.scheme(), tls.as_deref()) {
            ("smtps", None) => (Security::Tls, smtp::SUBMISSIONS_PORT),
            ("smtp", Some("required")) => (Security::StartTls, smtp::SUBMISSION_PORT),
            ("smtp", Some("opportunistic")) => (Security::Opportunistic, smtp::SUBMISSION_PORT),
            ("smtp", None) => (Security::None, smtp::SMTP_PORT),
            _ => return Err(InvalidUrl),
        };
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let credentials = url.password().map(|password| Credentials::new(decode(url.username()), decode(password)));
        Ok(Self {
            host,
            port: url.port().unwrap_or(default_port),
            security,
            credentials,
            patience,
            resting: Mutex::default(),
        })
    }

    /// The longest that [`send`](Self::send) takes.
    pub fn longest(&self) -> Duration {
        (self.patience + GOODBYE) + self.patience * 6 + GOODBYE
    }

    /// Sends one mail to one recipient.
    pub async fn send(&self, from: &Address, to: &Address, mime: &[u8]) -> Answer {
        if let Some(mut line) = self.rested() {
            // Nothing has been said of the mail yet, so whatever is wrong with this line another one may do.
            if let Ok(answer) = self.converse(&mut line, from, to, mime).await {
                self.end(line, &answer).await;
                return answer;
            }
            let _ = timeout(GOODBYE, line.abort()).await;
        }
        let mut line = match self.within(1, self.connect(from)).await {
            Ok(line) => line,
            // A refusal before any recipient was named is about us and the server, not about this mail.
            Err(failure) => return Answer::Later(failure.to_string()),
        };
        let answer = self.converse(&mut line, from, to, mime).await;
        let answer = answer.unwrap_or_else(|failure| Answer::Later(failure.to_string()));
        self.end(line, &answer).await;
        answer
    }

    /// Ends the lines that no mail has come for.
    pub fn let_go(&self) {
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        let tired = resting.iter().take_while(|resting| resting.since.elapsed() > REST).count();
        for Resting { mut line, .. } in resting.drain(..tired) {
            tokio::spawn(async move { timeout(GOODBYE, line.quit()).await });
        }
    }

    fn rested(&self) -> Option<AsyncSmtpConnection> {
        let last = self.resting.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        (last.since.elapsed() <= REST).then_some(last.line)
    }

    async fn end(&self, mut line: AsyncSmtpConnection, answer: &Answer) {
        if matches!(answer, Answer::Taken(_)) {
            let resting = Resting { line, since: Instant::now() };
            self.resting.lock().unwrap_or_else(PoisonError::into_inner).push(resting);
        } else {
            let _ = timeout(GOODBYE, line.abort()).await;
        }
    }

    async fn connect(&self, from: &Address) -> Result<AsyncSmtpConnection, smtp::Error> {
        let tls = || TlsParameters::new(self.host.clone());
        let hello = ClientId::Domain(from.domain().to_owned());
        let wrapped = matches!(self.security, Security::Tls).then(tls).transpose()?;
        let place = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(place, Some(self.patience), &hello, wrapped, None).await?;
        let upgrade = match self.security {
            Security::StartTls => true,
            Security::Opportunistic => connection.can_starttls(),
            Security::None | Security::Tls => false,
        };
        if upgrade {
            connection.starttls(tls()?, &hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
        }
        Ok(connection)
    }

    /// The answer to a mail, or what went wrong before its recipient was named.
    async fn converse(
        &self,
        connection: &mut AsyncSmtpConnection,
        from: &Address,
        to: &Address,
        mime: &[u8],
    ) -> Result<Answer, Failure> {
        let mut parameters = Vec::new();
        if !AsRef::<str>::as_ref(to).is_ascii() {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Ok(Answer::Refused("the mail server takes no addresses beyond ASCII".to_owned()));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let sender = Mail::new(Some(from.clone()), parameters);
        self.within(1, connection.command(sender)).await?;
        let recipient = self.within(1, connection.command(Rcpt::new(to.clone(), Vec::new()))).await;
        let ready = match recipient {
            Ok(_) => self.within(1, connection.command(Data)).await,
            refused => refused,
        };
        match ready {
            Err(failure) if failure.is_permanent() => return Ok(Answer::Refused(failure.to_string())),
            Err(failure) => return Ok(Answer::Later(failure.to_string())),
            Ok(_) => {}
        }
        Ok(match self.within(2, connection.message(mime)).await {
            Ok(response) => Answer::Taken(response.message().collect::<Vec<_>>().join(" ")),
            Err(failure) if failure.is_permanent() => Answer::Refused(failure.to_string()),
            Err(failure) if failure.is_answer() => Answer::Later(failure.to_string()),
            Err(failure) => Answer::Unknown(failure.to_string()),
        })
    }

    async fn within<T>(&self, times: u32, step: impl Future<Output = Result<T, smtp::Error>>) -> Result<T, Failure> {
        match timeout(self.patience * times, step).await {
            Ok(done) => done.map_err(Failure::Smtp),
            Err(_) => Err(Failure::Silent),
        }
    }
}
