//! Where the shop's mails arrive: a mail server that takes everything and counts it, at a cost that is small beside what
//! is measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{self, AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone, Default)]
pub struct Mailbox {
    arrived: Arc<AtomicU64>,
}

impl Mailbox {
    pub async fn open(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let mailbox = Self::default();
        let arriving = mailbox.clone();
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                let mailbox = arriving.clone();
                // A sender who hangs up ends the conversation; that is his right.
                tokio::spawn(async move { mailbox.converse(line).await });
            }
        });
        mailbox
    }

    pub fn arrived(&self) -> u64 {
        self.arrived.load(Ordering::Relaxed)
    }

    async fn converse(&self, mut line: TcpStream) -> io::Result<()> {
        line.set_nodelay(true)?;
        let (read, mut write) = line.split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 mailbox\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let answer: &[u8] = match line.get(..4).unwrap_or_default() {
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await?;
                    while lines.next_line().await?.is_some_and(|line| line != ".") {}
                    self.arrived.fetch_add(1, Ordering::Relaxed);
                    b"250 taken\r\n"
                }
                "QUIT" => {
                    write.write_all(b"221 goodbye\r\n").await?;
                    return Ok(());
                }
                "EHLO" => b"250-mailbox\r\n250 8BITMIME\r\n",
                _ => b"250 ok\r\n",
            };
            write.write_all(answer).await?;
        }
        Ok(())
    }
}
