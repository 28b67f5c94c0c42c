//! What tests of message passing need: a real broker, names of their own on it, a line that can be cut.

use std::future::pending;

use messages::Names;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use uuid::Uuid;

/// The broker that tests use, from `TEST_BROKER_URL`.
///
/// # Panics
/// When that is not set.
#[must_use]
pub fn broker_url() -> String {
    #[expect(clippy::disallowed_methods, reason = "tests are configured by the script that runs them")]
    std::env::var("TEST_BROKER_URL").unwrap_or_else(|_| {
        panic!("TEST_BROKER_URL is not set: run the tests with script/test, or name a RabbitMQ to test on")
    })
}

/// Names at the broker that no other test has. Quorum queues stay until [`remove`] takes them away.
#[must_use]
pub fn prefix() -> String {
    format!("test-{}.", Uuid::now_v7().simple())
}

/// Takes away what stands at the broker under `names`.
///
/// # Panics
/// When the broker refuses.
pub async fn remove(names: &Names) {
    let removed = async {
        let connection = lapin::Connection::connect(&broker_url(), lapin::ConnectionProperties::default()).await?;
        let channel = connection.create_channel().await?;
        for queue in [&names.queue, &names.dead_letters] {
            channel.queue_delete(queue.as_str().into(), lapin::options::QueueDeleteOptions::default()).await?;
        }
        let options = lapin::options::ExchangeDeleteOptions::default();
        channel.exchange_delete(names.exchange.as_str().into(), options).await?;
        connection.close(200, "goodbye".into()).await
    };
    if let Err(error) = removed.await {
        panic!("what a test left at the broker could not be removed: {error}");
    }
}

/// A TCP line to a server, to be cut and mended.
#[derive(Debug)]
pub struct Line {
    /// The address that leads through the line.
    pub url: String,
    whole: watch::Sender<bool>,
}

impl Line {
    /// Lays a line to the server of `url`, which must name user, host and port (`scheme://user@host:port/rest`).
    ///
    /// # Panics
    /// When `url` is of another form, or no port is free.
    pub async fn to(url: &str) -> Self {
        let Some((user, (server, rest))) =
            url.rsplit_once('@').and_then(|(user, place)| Some((user, place.split_once('/')?)))
        else {
            panic!("the address is not of the form scheme://user@host:port/rest")
        };
        // A socket that the parameters name would lead past the line.
        let rest = rest.split('?').next().unwrap_or_default();
        let (listener, address) = match TcpListener::bind("127.0.0.1:0").await {
            Ok(listener) => match listener.local_addr() {
                Ok(address) => (listener, address),
                Err(error) => panic!("the line has no address: {error}"),
            },
            Err(error) => panic!("no port for the line: {error}"),
        };
        let (whole, watched) = watch::channel(true);
        tokio::spawn(carry(listener, server.to_owned(), watched));
        Self { url: format!("{user}@{address}/{rest}"), whole }
    }

    /// Ends what is connected, and refuses what comes.
    pub fn cut(&self) {
        self.whole.send_replace(false);
    }

    /// Lets connections through again.
    pub fn mend(&self) {
        self.whole.send_replace(true);
    }
}

async fn carry(listener: TcpListener, server: String, whole: watch::Receiver<bool>) {
    while let Ok((mut near, _)) = listener.accept().await {
        let (server, mut whole) = (server.clone(), whole.clone());
        tokio::spawn(async move {
            if !*whole.borrow_and_update() {
                return;
            }
            let Ok(mut far) = TcpStream::connect(server).await else { return };
            tokio::select! {
                _ = copy_bidirectional(&mut near, &mut far) => {}
                () = async {
                    if whole.wait_for(|whole| !whole).await.is_err() {
                        pending::<()>().await;
                    }
                } => {}
            }
        });
    }
}
