//! What a seed decides. Who comes when still depends on the machine: a seed replays the plan, not the interleaving.

use std::path::PathBuf;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The editions of the shop, by their keys in the catalogue.
pub const EDITIONS: [&str; 5] = ["emma", "persuasion", "middlemarch", "ulysses", "dracula"];

/// From which length a run has time for a pause beyond a lease, and for most places.
pub const LONG_RUN: Duration = Duration::from_secs(240);

pub struct Plan {
    pub seed: u64,
    pub duration: Duration,
    /// Where logs, history and the bank's ledger go.
    pub folder: PathBuf,
    pub servers: usize,
    pub notifiers: usize,
    pub buyers: u64,
    /// Copies of each edition at the start.
    pub copies: [u32; EDITIONS.len()],
}

impl Plan {
    /// From the command line: the seed, the seconds, the folder.
    pub fn from_arguments() -> Self {
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        let number = |at: usize, or: u64| arguments.get(at).map_or(or, |text| text.parse().unwrap());
        let (seed, seconds) = (number(0, 1), number(1, 60));
        let folder = PathBuf::from(arguments.get(2).map_or("torture", String::as_str));
        std::fs::create_dir_all(&folder).unwrap();
        let mut rng = StdRng::seed_from_u64(seed);
        Self {
            seed,
            duration: Duration::from_secs(seconds),
            folder: std::fs::canonicalize(folder).unwrap(),
            servers: rng.random_range(2..=3),
            notifiers: 2,
            buyers: rng.random_range(100..=200),
            copies: std::array::from_fn(|_| rng.random_range(20..=60)),
        }
    }

    /// Chance for one who plays a part in this plan.
    pub fn rng(&self, part: u64) -> StdRng {
        StdRng::seed_from_u64(self.seed.wrapping_mul(1_000_003).wrapping_add(part))
    }

    /// The catalogue, as the shop imports it.
    pub fn catalogue(&self) -> String {
        let mut toml = "currency = \"EUR\"\n".to_owned();
        for (key, copies) in EDITIONS.iter().zip(self.copies) {
            let price = 500 + copies * 7;
            toml.push_str(&format!(
                "\n[[work]]\ntitle = \"{key}\"\nauthors = [\"Jane Austen\"]\nlanguage = \"en\"\nfirst_published = 1815\n\
                 subjects = [\"Fiction\"]\npopularity = 90\ndescription = \"A book.\"\n\n[[work.edition]]\nkey = \"{key}\"\n\
                 format = \"paperback\"\nlanguage = \"en\"\nprice = {price}\ncopies = {copies}\n"
            ));
        }
        toml
    }
}
