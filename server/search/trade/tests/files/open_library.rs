use trade::Record;
use trade::open_library::Reader;

use super::{Told, cut, file};

/// The file, its authors, works, editions, editions that are gone, and the lines that are refused.
const FILES: [(&str, [usize; 4], usize); 2] = [
    ("openlibrary/ol_dev_seed_dump.txt", [34, 35, 68, 0], 0),
    // Two lines without their tabs, and eight editions without a title; two redirects are of editions.
    ("openlibrary/seed_ol_dump_all.txt", [1, 1, 15, 2], 10),
];

fn read(bytes: &[u8]) -> Told {
    Told::by(Reader::new(bytes))
}

#[test]
fn every_line_is_a_record_or_refused() {
    for (name, expected, refused) in FILES {
        let Some(bytes) = file(name) else { continue };
        let told = read(&bytes);
        let mut counts = [0; 4];
        for entry in told.entries() {
            counts[match entry.record {
                Record::Contributor(_) => 0,
                Record::Work(_) => 1,
                Record::Product(_) => 2,
                Record::Withdrawn { .. } => 3,
            }] += 1;
        }
        assert_eq!((counts, told.refused().count(), &told.fatal), (expected, refused, &None), "{name}");
    }
}

#[test]
fn a_file_that_is_cut_gives_all_before_the_cut() {
    for (name, ..) in FILES {
        let Some(bytes) = file(name) else { continue };
        cut(name, &bytes, 100, read);
    }
}
