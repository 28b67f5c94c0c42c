//! A line to a database that knows MySQL's protocol well enough to fail where it hurts: around a COMMIT, so that whoever
//! sent it does not learn whether it took effect, or by a deadlock at any statement of a transaction.
//! <https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html>

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UnixListener, UnixStream};

const QUERY: u8 = 0x03;
const EXECUTE: u8 = 0x17;
const ROLLBACK: &[u8] = b"\x09\0\0\0\x03ROLLBACK";
/// Error 1213, SQLSTATE 40001.
const DEADLOCK: &[u8] = b"\x2f\0\0\x01\xff\xbd\x04#40001Deadlock found; restarting transaction";

/// What befalls a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The line ends before the COMMIT gets through.
    BeforeCommit,
    /// It ends while the server is at work on it.
    InCommit,
    /// It ends before the server's answer gets through.
    AfterCommit,
    /// The server undoes it, as it does with one of those that wait for each other.
    Deadlock,
}

struct Fate {
    trouble: Trouble,
    /// What the transaction must have sent.
    words: &'static str,
    is_held: bool,
    /// How many statements pass before a deadlock.
    statements: u32,
}

#[derive(Default)]
struct State {
    fates: Vec<Fate>,
    troubles: Vec<Trouble>,
}

/// A line to a database; its clones are the same one.
#[derive(Clone)]
pub struct Line {
    /// The address that leads through it.
    pub url: String,
    server: String,
    state: Arc<Mutex<State>>,
}

impl Line {
    /// Lays one to the database of `url`, whose near end is a socket in `folder`.
    ///
    /// # Panics
    /// When `url` is not of the form `mysql://user@host:port/name`, or the socket cannot be made.
    #[must_use]
    pub fn lay(url: &str, folder: &Path) -> Self {
        let Some((user, (server, rest))) =
            url.rsplit_once('@').and_then(|(user, place)| Some((user, place.split_once('/')?)))
        else {
            panic!("the address is not of the form mysql://user@host:port/name")
        };
        let name = rest.split('?').next().unwrap_or_default();
        let socket = folder.join(format!("{name}.sock"));
        let listener = match UnixListener::bind(&socket) {
            Ok(listener) => listener,
            Err(error) => panic!("no line at {}: {error}", socket.display()),
        };
        let url = format!("{user}@{server}/{name}?socket={}&ssl-mode=disabled", socket.display());
        let line = Self { url, server: server.to_owned(), state: Arc::default() };
        let laid = line.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let line = laid.clone();
                tokio::spawn(async move {
                    let far = TcpStream::connect(&line.server).await?;
                    far.set_nodelay(true)?;
                    // Whichever end goes away, the other one sees it.
                    Session { line, near, far, said: None }.carry().await
                });
            }
        });
        line
    }

    /// Lets the line of the next transaction that sends `words` end at its COMMIT.
    pub fn cut(&self, trouble: Trouble, words: &'static str) {
        self.with(|state| state.fates.push(Fate { trouble, words, is_held: false, statements: 0 }));
    }

    /// The same, but the line falls silent there, until whoever waits at its near end dies.
    pub fn hold(&self, trouble: Trouble, words: &'static str) {
        self.with(|state| state.fates.push(Fate { trouble, words, is_held: true, statements: 0 }));
    }

    /// Lets the statement of a transaction that comes after so many others, of whichever transactions, fail by a deadlock.
    pub fn deadlock_after(&self, statements: u32) {
        let fate = Fate { trouble: Trouble::Deadlock, words: "", is_held: false, statements };
        self.with(|state| state.fates.push(fate));
    }

    /// Lets everything through again.
    pub fn mend(&self) {
        self.with(|state| state.fates.clear());
    }

    /// The troubles that there have been.
    #[must_use]
    pub fn troubles(&self) -> Vec<Trouble> {
        self.with(|state| state.troubles.clone())
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What befalls the transaction that has said this at its latest statement.
    fn next_fate(&self, said: &[u8], is_commit: bool) -> Option<Fate> {
        self.with(|state| {
            let is_due = |fate: &Fate| match fate.trouble {
                Trouble::Deadlock => fate.statements == 0,
                _ => is_commit && contains(said, fate.words.as_bytes()),
            };
            let due = state.fates.iter().position(is_due);
            for fate in &mut state.fates {
                fate.statements = fate.statements.saturating_sub(1);
            }
            let due = due?;
            let fate = state.fates.remove(due);
            state.troubles.push(fate.trouble);
            Some(fate)
        })
    }
}

struct Session {
    line: Line,
    near: UnixStream,
    far: TcpStream,
    /// What the transaction that is open has sent.
    said: Option<Vec<u8>>,
}

impl Session {
    async fn carry(mut self) -> io::Result<()> {
        let (mut asked, mut chunk, mut told) = (Vec::new(), vec![0; 1 << 16], vec![0; 1 << 16]);
        loop {
            tokio::select! {
                length = self.near.read(&mut chunk) => {
                    let chunk = &chunk[..length?];
                    if chunk.is_empty() {
                        return Ok(());
                    }
                    asked.extend_from_slice(chunk);
                    while let Some(packet) = next_packet(&mut asked) {
                        if !self.pass(&packet).await? {
                            return Ok(());
                        }
                    }
                }
                length = self.far.read(&mut told) => {
                    let told = &told[..length?];
                    if told.is_empty() {
                        return Ok(());
                    }
                    self.near.write_all(told).await?;
                }
            }
        }
    }

    /// Passes a packet on, or lets it get into trouble; false when the line has ended.
    async fn pass(&mut self, packet: &[u8]) -> io::Result<bool> {
        // Whoever asks begins to count at 0.
        let (command, text) = match packet {
            [_, _, _, 0, command, text @ ..] => (*command, text),
            _ => (0, &[][..]),
        };
        match (command, text) {
            (QUERY, b"BEGIN") => self.said = Some(Vec::new()),
            (QUERY, b"ROLLBACK") => self.said = None,
            (QUERY | EXECUTE, text) => {
                if let Some(said) = &mut self.said {
                    said.extend_from_slice(packet);
                    let is_commit = text == b"COMMIT";
                    if let Some(fate) = self.line.next_fate(said, is_commit) {
                        return self.suffer(&fate, packet).await;
                    }
                    if is_commit {
                        self.said = None;
                    }
                }
            }
            _ => {}
        }
        self.far.write_all(packet).await?;
        Ok(true)
    }

    async fn suffer(&mut self, fate: &Fate, packet: &[u8]) -> io::Result<bool> {
        let mut answer = vec![0; 1 << 10];
        match fate.trouble {
            Trouble::BeforeCommit => {}
            Trouble::InCommit => self.far.write_all(packet).await?,
            Trouble::AfterCommit => {
                self.far.write_all(packet).await?;
                self.far.readable().await?;
            }
            Trouble::Deadlock => {
                self.far.write_all(ROLLBACK).await?;
                if self.far.read(&mut answer).await? == 0 {
                    return Ok(false);
                }
                self.said = None;
                self.near.write_all(DEADLOCK).await?;
                return Ok(true);
            }
        }
        while fate.is_held && self.near.read(&mut answer).await? > 0 {}
        Ok(false)
    }
}

/// Takes the first whole packet off: three bytes of length, one that counts, and that many more.
fn next_packet(bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    let [a, b, c, ..] = bytes[..] else { return None };
    let length = 4 + usize::from(a) + (usize::from(b) << 8) + (usize::from(c) << 16);
    (bytes.len() >= length).then(|| bytes.drain(..length).collect())
}

fn contains(text: &[u8], words: &[u8]) -> bool {
    words.is_empty() || text.windows(words.len()).any(|window| window == words)
}
