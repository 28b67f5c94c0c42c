//! Every version that was ever sent stays readable: each has an example, which no one may change.
#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::fs;
use std::path::Path;

use messages::{KINDS, Message, Unreadable};

fn examples() -> Vec<(String, u16, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let (kind, version) = stem.rsplit_once('.').unwrap();
            (kind.to_owned(), version.parse().unwrap(), fs::read(&path).unwrap())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn every_example_is_read_and_the_newest_of_each_kind_is_written_as_it_was_read() {
    for (kind, version, payload) in examples() {
        let message = Message::decode(&kind, version, &payload).unwrap();
        assert_eq!(message.kind(), kind);
        if message.version() == version {
            let written: serde_json::Value = serde_json::from_str(&message.payload()).unwrap();
            let example: serde_json::Value = serde_json::from_slice(&payload).unwrap();
            assert_eq!(written, example, "{kind} v{version}");
        }
    }
}

#[test]
fn every_kind_has_examples_of_all_its_versions() {
    for kind in KINDS {
        let of_kind: Vec<_> = examples().into_iter().filter(|example| example.0 == kind).collect();
        let (_, newest, payload) = of_kind.last().unwrap();
        assert_eq!(Message::decode(kind, *newest, payload).unwrap().version(), *newest);
        assert_eq!(of_kind.len(), usize::from(*newest), "an example of {kind} is missing");
    }
}

#[test]
fn what_is_unknown_is_told_from_what_is_broken() {
    let decode = Message::decode;
    assert_eq!(decode("order.mislaid", 1, b"{}"), Err(Unreadable::UnknownKind));
    assert_eq!(decode("order.confirmed", 999, b"{}"), Err(Unreadable::UnknownVersion));
    for broken in [&b"{}"[..], b"", b"\xff", b"[]", br#"{"order_number": 7}"#] {
        assert!(matches!(decode("order.confirmed", 1, broken), Err(Unreadable::Malformed { .. })));
    }
}

#[test]
fn neither_a_message_nor_an_error_about_one_shows_its_content() {
    for (kind, version, payload) in examples() {
        let message = Message::decode(&kind, version, &payload).unwrap();
        assert_eq!(format!("{message:?}"), format!("{kind} v{}", message.version()));
    }
    let (kind, version) = ("order.confirmed", 1);
    let error = Message::decode(kind, version, br#"{"lines": "ada@example.org"}"#).unwrap_err();
    assert!(!error.to_string().contains("ada@example.org"));
}
