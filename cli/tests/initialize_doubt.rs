//! A log with requests that this program does not know: where the member stands cannot be said, and
//! on doubt the directory stays.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use etcd::raftpb::{Entry, HardState};
use etcd::wal::{Files, Record, SegmentName, Writer};
use serde_json::Value;
use support::{Run, Site, contents, delta_name};
use testkit::backup::Compression::Gzip;

/// An InternalRaftRequest with nothing but field 5000, which no etcd has.
const UNKNOWN: [u8; 4] = [0xC2, 0xB8, 0x02, 0x00];

/// Writes a log anew, with `count` such requests after its last entry.
fn append_unknown(path: &Path, count: u64) {
    let files = Files::new([(SegmentName::default(), fs::read(path).unwrap())]);
    let mut writer = Writer::new(0);
    let mut state = HardState::default();
    for positioned in files.records() {
        match positioned.unwrap().record {
            Record::Metadata(metadata) => writer.metadata(&metadata),
            Record::Entry(entry) => writer.entry(&entry),
            Record::Snapshot(snapshot) => writer.snapshot(&snapshot),
            Record::Crc(_) => {}
            Record::HardState(found) => {
                state = found;
                writer.hard_state(&found);
            }
        }
    }
    for index in state.commit + 1..=state.commit + count {
        writer.entry(&Entry {
            entry_type: 0,
            term: state.term,
            index,
            data: Some(UNKNOWN.into()),
        });
    }
    state.commit += count;
    writer.hard_state(&state);
    fs::write(path, writer.finish()).unwrap();
}

/// A member at revision 40 whose log goes on with `count` unknown requests, beside a store that
/// leads to revision 60.
fn doubtful(count: u64) -> Site {
    let (site, history) = Site::with_history();
    site.remove(&delta_name(41, 60, Gzip));
    site.restore(&[]);
    site.put_delta(&history, 41, 60);
    let log = PathBuf::from("member/wal").join(SegmentName::default().to_string());
    append_unknown(&site.data_dir().join(log), count);
    site
}

fn run(site: &Site, verb: &str) -> (Option<i32>, Value) {
    let data_dir = site.data_dir();
    let args = ["--output", "json", "--data-dir", data_dir.to_str().unwrap()];
    let Run { code, stdout, .. } = site.run(verb, &args);
    (code, serde_json::from_str(&stdout).unwrap())
}

#[test]
fn on_doubt_the_directory_stays() {
    let site = doubtful(30);
    let before = contents(&site.data_dir());
    let (code, said) = run(&site, "validate");
    assert_eq!(code, Some(1), "{said}");
    let (code, said) = run(&site, "initialize");
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said["verdict"], "DataDirectoryStatusUnknown");
    assert_eq!(said["deed"], "untouched");
    let words = said["explanation"].as_str().unwrap();
    for told in ["not certain", "between 40 and 70", "entry 2", "field 5000"] {
        assert!(words.contains(told), "no {told:?} in: {words}");
    }
    assert!(contents(&site.data_dir()) == before);
}

/// Even if each of them were a write, the backups lead further: but what they ask for may be the writes
/// of a fork, of which the backups know nothing. The member was replaced and deleted.
#[test]
fn what_the_log_asks_for_must_be_known_to_be_in_the_backups() {
    let site = doubtful(10);
    assert_eq!(run(&site, "validate").0, Some(14));
    let before = contents(&site.data_dir());
    let data_dir = site.data_dir();
    let refused = site.run("initialize", &["--data-dir", data_dir.to_str().unwrap()]);
    refused.failed_with(&["nothing proves", "--etcd-version"]);
    assert!(contents(&site.data_dir()) == before);
}
