//! What was asked and what was answered, in order of time: a line when somebody asks, a line when they know. Written by
//! the driver, which nobody kills, and synced to the disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

/// How an operation ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// It was answered, and took effect.
    Ok,
    /// It was answered, and did not take effect.
    Fail,
    /// Nobody knows.
    #[default]
    Info,
}

/// One operation of one buyer.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Operation {
    pub buyer: u64,
    /// `place`, `place_form`, `pay`, `look` or `cancel`.
    pub what: &'static str,
    /// The `Idempotency-Key`, or the form's token.
    pub key: String,
    pub token: String,
    pub method: String,
    pub email: String,
    /// Editions and copies that are ordered.
    pub wants: Vec<(u64, i64)>,
    /// The discount code that counts, the gift card's id where it is known, and what that is to pay.
    pub discount: String,
    pub card: String,
    pub card_part: i64,
    /// When it was asked and when it was answered, in microseconds since 1970.
    pub asked: i64,
    pub answered: i64,
    pub end: End,
    pub status: u16,
    pub code: String,
    pub location: String,
    pub body: String,
    pub replayed: bool,
    /// The order's link, where the answer names one.
    pub order: String,
}

/// The history of a run; its clones write the same.
#[derive(Clone)]
pub struct History(Arc<Mutex<Written>>);

struct Written {
    file: File,
    operations: Vec<Operation>,
    number: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    i: u64,
    r#type: &'static str,
    #[serde(flatten)]
    operation: &'a Operation,
}

impl History {
    pub fn create(path: &Path) -> Self {
        let file = File::create(path).unwrap();
        Self(Arc::new(Mutex::new(Written { file, operations: Vec::new(), number: 0 })))
    }

    /// Notes that it is asked, and when; its number.
    pub fn invoke(&self, operation: &mut Operation) -> u64 {
        operation.asked = now();
        let mut written = self.0.lock().unwrap();
        written.number += 1;
        let number = written.number;
        written.line(number, "invoke", operation);
        number
    }

    /// Notes how it ended.
    pub fn complete(&self, number: u64, operation: &mut Operation) {
        operation.answered = now();
        let mut written = self.0.lock().unwrap();
        let end = match operation.end {
            End::Ok => "ok",
            End::Fail => "fail",
            End::Info => "info",
        };
        written.line(number, end, operation);
        written.operations.push(operation.clone());
    }

    /// All that have ended.
    pub fn close(&self) -> Vec<Operation> {
        let written = self.0.lock().unwrap();
        written.file.sync_data().unwrap();
        written.operations.clone()
    }
}

impl Written {
    fn line(&mut self, i: u64, r#type: &'static str, operation: &Operation) {
        let mut line = serde_json::to_string(&Line { i, r#type, operation }).unwrap();
        line.push('\n');
        self.file.write_all(line.as_bytes()).unwrap();
        if i.is_multiple_of(100) {
            self.file.sync_data().unwrap();
        }
    }
}

/// Microseconds since 1970.
pub fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_micros()).unwrap()
}

/// How often each operation was answered with what.
pub fn summary(operations: &[Operation]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for operation in operations {
        let answer = match (operation.end, operation.code.as_str()) {
            (End::Info, "") if operation.status == 0 => "unknown".to_owned(),
            (_, "") => operation.status.to_string(),
            (_, code) => code.to_owned(),
        };
        *counts.entry(format!("{} {answer}", operation.what)).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(what, count)| format!("{what} {count}")).collect();
    format!("answers: {}", counts.join(", "))
}
