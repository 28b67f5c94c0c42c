//! The mail server: keeps what it is sent, and misbehaves as it is told to.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How the next mail is treated; when nothing is told, it is taken.
#[derive(Clone, Copy, Debug)]
pub enum Manner {
    /// Answered with "not now", and not kept.
    NotNow,
    /// Kept, and then the line is cut.
    HangUp,
    /// The line is cut, and it is not kept.
    Lose,
}

/// A mail as it was sent.
#[derive(Clone, Debug)]
pub struct Mail {
    pub message_id: String,
    pub to: String,
}

#[derive(Clone)]
pub struct Mailbox {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    manners: VecDeque<Manner>,
    kept: Vec<Mail>,
}

impl Mailbox {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mailbox = Self { address: listener.local_addr().unwrap(), state: Arc::default() };
        let server = mailbox.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                // Who goes away ends the conversation with an error; that is their right.
                tokio::spawn(async move { server.converse(stream).await });
            }
        });
        mailbox
    }

    pub fn expect(&self, manner: Manner) {
        self.state.lock().unwrap().manners.push_back(manner);
    }

    pub fn behave(&self) {
        self.state.lock().unwrap().manners.clear();
    }

    pub fn kept(&self) -> Vec<Mail> {
        self.state.lock().unwrap().kept.clone()
    }

    async fn converse(&self, stream: TcpStream) -> std::io::Result<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 mailbox\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let answer = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
                "EHLO" => "250-mailbox\r\n250 8BITMIME",
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await?;
                    let mut mail = Mail { message_id: String::new(), to: String::new() };
                    loop {
                        // Without its end it is no mail.
                        let Some(line) = lines.next_line().await? else { return Ok(()) };
                        if line == "." {
                            break;
                        }
                        if let Some(id) = line.strip_prefix("Message-ID: ") {
                            id.clone_into(&mut mail.message_id);
                        }
                        if let Some(to) = line.strip_prefix("To: ") {
                            to.clone_into(&mut mail.to);
                        }
                    }
                    let mut state = self.state.lock().unwrap();
                    match state.manners.pop_front() {
                        Some(Manner::Lose) => return Ok(()),
                        Some(Manner::NotNow) => "451 not now",
                        Some(Manner::HangUp) => {
                            state.kept.push(mail);
                            return Ok(());
                        }
                        None => {
                            state.kept.push(mail);
                            "250 kept"
                        }
                    }
                }
                "QUIT" => "221 goodbye",
                _ => "250 ok",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }
}
