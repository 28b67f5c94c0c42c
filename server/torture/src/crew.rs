//! The processes of the shop. Whoever of them dies is started again, armed with another place to die at.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use crate::tally::Tally;

/// Of places to die at each process gets so many.
const PLACES_AT_ONCE: usize = 3;

/// A program and how it is started.
pub struct Member {
    pub name: String,
    program: PathBuf,
    environment: Vec<(String, String)>,
    /// Where it can be made to die, in the order in which it is tried.
    places: Vec<&'static str>,
    log: PathBuf,
    child: Option<Child>,
    start_at: Instant,
    armed: usize,
}

/// All of them.
pub struct Crew {
    pub members: Vec<Member>,
    /// Whether who starts is given a place to die at.
    pub armed: bool,
    /// Who died, and where.
    pub kills: Tally,
    rng: StdRng,
}

impl Crew {
    pub fn new(rng: StdRng) -> Self {
        Self { members: Vec::new(), armed: false, kills: Tally::default(), rng }
    }

    /// Adds a member and starts it.
    pub fn hire(
        &mut self,
        name: String,
        program: PathBuf,
        environment: Vec<(String, String)>,
        places: &[&'static str],
        log: PathBuf,
    ) {
        let mut places = places.to_vec();
        places.shuffle(&mut self.rng);
        let mut member =
            Member { name, program, environment, places, log, child: None, start_at: Instant::now(), armed: 0 };
        member.start(false, &mut self.rng);
        self.members.push(member);
    }

    /// Kills a member, as SIGKILL does; it is back within seconds.
    pub async fn kill(&mut self, at: usize) {
        if let Some(child) = &mut self.members[at].child {
            // It may be dying by itself.
            let _dead = child.start_kill();
        }
    }

    /// Sends a signal by its name.
    pub async fn signal(&self, at: usize, signal: &str) {
        if let Some(id) = self.members[at].child.as_ref().and_then(Child::id) {
            let _gone = Command::new("kill").args([&format!("-{signal}"), &id.to_string()]).status().await;
        }
    }

    /// Kills all whose name begins like this, without counting them.
    pub async fn end(&mut self, prefix: &str) {
        for member in self.members.iter_mut().filter(|member| member.name.starts_with(prefix)) {
            if let Some(mut child) = member.child.take() {
                child.kill().await.unwrap();
            }
            member.start_at = Instant::now();
        }
    }

    /// Where members are whose name begins like this.
    pub fn find(&self, prefix: &str) -> Vec<usize> {
        (0..self.members.len()).filter(|at| self.members[*at].name.starts_with(prefix)).collect()
    }

    fn look(&mut self) {
        for member in &mut self.members {
            if let Some(child) = &mut member.child {
                let Some(status) = child.try_wait().unwrap() else { continue };
                member.child = None;
                member.start_at = Instant::now() + Duration::from_millis(self.rng.random_range(0..2500));
                let kind = member.name.trim_end_matches(char::is_numeric);
                match status.signal() {
                    Some(9) => self.kills.add(kind),
                    Some(6) => self.kills.add(&member.last_words()),
                    _ => self.kills.add(&format!("{kind} by itself ({status})")),
                }
            } else if member.start_at <= Instant::now() {
                member.start(self.armed, &mut self.rng);
            }
        }
    }
}

impl Member {
    fn start(&mut self, armed: bool, rng: &mut impl Rng) {
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        let mut command = Command::new(&self.program);
        command.env_clear().envs(self.environment.iter().cloned()).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        if armed && !self.places.is_empty() {
            let mut at = String::new();
            for _ in 0..PLACES_AT_ONCE {
                // A rare place gets its chance by being certain, a common one would never let it get to work.
                let percent = [3, 10, 30, 100][rng.random_range(0..4)];
                let place = self.places[self.armed % self.places.len()];
                at.push_str(&format!("{place}={percent}%return;"));
                self.armed += 1;
            }
            let slow = self.places[rng.random_range(0..self.places.len())];
            command.env("FAILPOINTS", format!("{at}{slow}=20%sleep({})", rng.random_range(10..400)));
        }
        self.child = Some(command.spawn().unwrap());
    }

    /// The place that it names at the end of its log.
    fn last_words(&self) -> String {
        let mut file = File::open(&self.log).unwrap();
        let length = file.metadata().unwrap().len();
        file.seek(SeekFrom::Start(length.saturating_sub(4000))).unwrap();
        let mut end = Vec::new();
        file.read_to_end(&mut end).unwrap();
        let end = String::from_utf8_lossy(&end);
        let place = end.lines().rev().find_map(|line| line.strip_prefix("killed at "));
        place.map_or_else(|| "aborted by itself".to_owned(), ToOwned::to_owned)
    }
}

/// Starts again who has died, for ever.
pub async fn oversee(crew: Arc<Mutex<Crew>>) {
    loop {
        crew.lock().await.look();
        sleep(Duration::from_millis(50)).await;
    }
}
