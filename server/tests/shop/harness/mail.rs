//! The real notifier in this process, with a database of its own, and a mail server that keeps what it is sent.

use std::sync::{Arc, Mutex};

use database::testing::TestDatabase;
use notifier::Notifier;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Settings, ended};

pub struct TestMail {
    kept: Arc<Mutex<Vec<String>>>,
    test: TestDatabase,
    stop: CancellationToken,
    task: JoinHandle<anyhow::Result<()>>,
}

impl TestMail {
    /// A notifier that hears what a shop with these settings says.
    pub async fn open(shop: &Settings) -> Self {
        let test = TestDatabase::create(&notifier::MIGRATIONS).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut section = config::Config::builder();
        for (key, value) in [
            ("database_url", test.url.clone()),
            ("broker_url", shop.broker_url.clone()),
            ("broker_prefix", shop.broker_prefix.clone()),
            ("address", "127.0.0.1:0".to_owned()),
            ("smtp_url", format!("smtp://{}", listener.local_addr().unwrap())),
            ("from", "Octavo <orders@octavo.example>".to_owned()),
        ] {
            section = section.set_override(key, value).unwrap();
        }
        let settings = notifier::config::Settings::read(section.build().unwrap()).unwrap();
        let kept = Arc::default();
        tokio::spawn(receive(listener, Arc::clone(&kept)));
        let stop = CancellationToken::new();
        let task = tokio::spawn(Notifier::open(settings).await.unwrap().run(stop.clone()));
        Self { kept, test, stop, task }
    }

    /// The mails that have arrived, as they were sent.
    pub fn arrived(&self) -> Vec<String> {
        self.kept.lock().unwrap().clone()
    }

    pub async fn close(self) {
        self.stop.cancel();
        ended("the notifier", self.task).await;
        self.test.drop().await;
    }
}

async fn receive(listener: TcpListener, kept: Arc<Mutex<Vec<String>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        // Who hangs up ends the conversation with an error; that is the sender's right.
        tokio::spawn(converse(stream, Arc::clone(&kept)));
    }
}

async fn converse(stream: TcpStream, kept: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 sink\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer = match line.get(..4).unwrap_or_default() {
            "EHLO" => "250-sink\r\n250 8BITMIME",
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut mail = String::new();
                while let Some(line) = lines.next_line().await?
                    && line != "."
                {
                    mail.push_str(&line);
                    mail.push('\n');
                }
                kept.lock().unwrap().push(mail);
                "250 kept"
            }
            "QUIT" => "221 goodbye",
            _ => "250 ok",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
