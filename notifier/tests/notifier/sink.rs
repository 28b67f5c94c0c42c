//! A mail server that keeps what it is sent, and misbehaves as it is told to.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How the server treats the next mail; when nothing is told, it takes it.
#[derive(Clone, Copy)]
pub enum Manner {
    /// Answers the recipient with this line.
    AnswerRecipient(&'static str),
    /// Answers the finished mail with this line, and does not keep it.
    AnswerMail(&'static str),
    /// Keeps the mail and says nothing.
    Silence,
    /// Keeps the mail and hangs up.
    HangUp,
    /// Takes the mail, says so, and hangs up.
    TakeAndHangUp,
}

#[derive(Default)]
struct State {
    manners: VecDeque<Manner>,
    kept: Vec<String>,
    /// Finished mails that were not kept.
    turned_away: Vec<String>,
    /// Hangs up on everyone at once.
    shut: bool,
    /// How many lines have been opened to it.
    lines: usize,
}

#[derive(Clone)]
pub struct Sink {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Sink {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = Self { address: listener.local_addr().unwrap(), state: Arc::default() };
        let server = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                // A client that goes away ends its conversation with an error; that is its right.
                tokio::spawn(async move { server.converse(stream).await });
            }
        });
        sink
    }

    pub fn expect(&self, manner: Manner) {
        self.state.lock().unwrap().manners.push_back(manner);
    }

    pub fn shut(&self, shut: bool) {
        self.state.lock().unwrap().shut = shut;
    }

    pub fn kept(&self) -> Vec<String> {
        self.state.lock().unwrap().kept.clone()
    }

    pub fn turned_away(&self) -> Vec<String> {
        self.state.lock().unwrap().turned_away.clone()
    }

    pub fn lines(&self) -> usize {
        self.state.lock().unwrap().lines
    }

    fn next_manner(&self) -> Option<Manner> {
        self.state.lock().unwrap().manners.pop_front()
    }

    async fn converse(&self, stream: TcpStream) -> std::io::Result<()> {
        {
            let mut state = self.state.lock().unwrap();
            state.lines += 1;
            if state.shut {
                return Ok(());
            }
        }
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let (mut manner, mut ends) = (None, false);
        write.write_all(b"220 sink\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
            let answer = match verb.as_str() {
                "EHLO" => "250-sink\r\n250 8BITMIME",
                "RCPT" => {
                    manner = self.next_manner();
                    match manner {
                        Some(Manner::AnswerRecipient(answer)) => answer,
                        _ => "250 ok",
                    }
                }
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await?;
                    let mut mail = String::new();
                    while let Some(line) = lines.next_line().await? {
                        if line == "." {
                            break;
                        }
                        mail.push_str(line.strip_prefix('.').unwrap_or(&line));
                        mail.push('\n');
                    }
                    let mut state = self.state.lock().unwrap();
                    match manner.take() {
                        Some(Manner::AnswerMail(answer)) => {
                            state.turned_away.push(mail);
                            answer
                        }
                        Some(Manner::Silence) => {
                            state.kept.push(mail);
                            continue;
                        }
                        Some(Manner::HangUp) => {
                            state.kept.push(mail);
                            return Ok(());
                        }
                        taken => {
                            ends = matches!(taken, Some(Manner::TakeAndHangUp));
                            state.kept.push(mail);
                            "250 kept"
                        }
                    }
                }
                "QUIT" => "221 goodbye",
                _ => "250 ok",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await?;
            if ends {
                break;
            }
        }
        Ok(())
    }
}

/// A header of a mail, unfolded.
pub fn header<'a>(mail: &'a str, name: &str) -> &'a str {
    let start = format!("{name}: ");
    mail.lines().find_map(|line| line.strip_prefix(start.as_str())).expect("the mail lacks a header")
}
