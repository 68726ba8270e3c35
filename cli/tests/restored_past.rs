//! A restore to the past is what the source was then. The witness is an etcd on the newest state:
//! it remembers every revision, and its HashKV of each.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod sample;

use std::fs;

use flate2::read::GzDecoder;
use jiff::Timestamp;
use sample::{E34, E35, Sample};
use testkit::etcd::Etcd;
use testkit::oracles;
use testkit::restore::{Restored, Restorer};

struct Past {
    restorer: Restorer,
    witness: Etcd,
    _newest: Restored,
}

impl Past {
    fn of(sample: Sample) -> Self {
        let restorer = sample.restorer();
        let newest = restorer.restore(&[]).unwrap();
        let witness = newest.boot(&oracles::etcd("3.6.16").unwrap()).unwrap();
        Self {
            restorer,
            witness,
            _newest: newest,
        }
    }

    /// Restores with `flags`, on an etcd of `version`, and finds the state of `revision`.
    #[track_caller]
    fn is(&self, flags: &[&str], version: &str, revision: i64) {
        let restored = self.restorer.restore(flags).unwrap();
        assert_eq!(restored.report.revision, revision, "{flags:?}");
        let etcd = restored.boot(&oracles::etcd(version).unwrap()).unwrap();
        let (state, then) = (
            etcd.state().unwrap(),
            self.witness.state_at(revision).unwrap(),
        );
        assert_eq!(state.difference(&then), None, "{flags:?}");
        assert_eq!(state.revision(), revision);
        let hash = etcd.hash_kv(0).unwrap();
        assert_eq!(hash, self.witness.hash_kv(revision).unwrap(), "{flags:?}");
        assert_eq!(hash.hash, restored.report.hash_kv);
        assert_eq!(etcd.put(b"next", b"").unwrap(), revision + 1);
    }
}

/// The first after the full, one amid a delta, the last of one, the first of the next, the last
/// but one: and the full itself.
#[test]
fn to_revisions() {
    let past = Past::of(E35);
    for (revision, version) in [
        (2724, "3.5.1"),
        (2725, "3.4.23"),
        (5000, "3.5.35"),
        (5461, "3.6.16"),
        (5462, "3.7.3"),
        (10_960, "3.5.1"),
    ] {
        past.is(&["--to-revision", &revision.to_string()], version, revision);
    }
}

#[test]
fn to_revisions_of_an_older_etcd() {
    let past = Past::of(E34);
    for (revision, version) in [(1354, "3.4.23"), (3000, "3.7.3"), (5398, "3.4.23")] {
        past.is(&["--to-revision", &revision.to_string()], version, revision);
    }
}

#[test]
fn to_the_ends_of_objects() {
    let past = Past::of(E35);
    for (name, version, revision) in [
        ("Full-00000000-00002724-1795338782.gz", "3.7.3", 2724),
        ("Incr-00006850-00008217-1795338796.gz", "3.5.1", 8217),
    ] {
        past.is(&["--snapshot", name], version, revision);
    }
}

#[test]
fn to_times() {
    let past = Past::of(E35);
    let seen = when_events_were_seen("Incr-00005462-00006849-1795338792.gz");
    let first = seen.first().unwrap();
    let last = seen.last().unwrap();
    let amid = seen[seen.len() / 2];
    let before_first = first.1 - jiff::SignedDuration::from_nanos(1);
    for (time, version) in [
        (before_first, "3.4.23"),
        (amid.1, "3.5.35"),
        (amid.1 - jiff::SignedDuration::from_nanos(1), "3.6.16"),
        (last.1, "3.7.3"),
    ] {
        // The last revision before one that was seen later.
        let next = seen.iter().find(|(_, seen)| *seen > time);
        let revision = next.map_or(last.0, |(revision, _)| revision - 1);
        past.is(&["--to-time", &time.to_string()], version, revision);
    }
}

/// Revisions with the time of their first event, in order.
fn when_events_were_seen(delta: &str) -> Vec<(i64, Timestamp)> {
    let bytes = fs::read(E35.restorer().store.join("v2").join(delta)).unwrap();
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut GzDecoder::new(&bytes[..]), &mut text).unwrap();
    let json = &text[..text.len() - 32];
    let events: Vec<serde_json::Value> = serde_json::from_slice(json).unwrap();
    let mut seen: Vec<(i64, Timestamp)> = events
        .iter()
        .map(|event| {
            let revision = event["etcdEvent"]["kv"]["mod_revision"].as_i64().unwrap();
            (revision, event["time"].as_str().unwrap().parse().unwrap())
        })
        .collect();
    seen.dedup_by_key(|(revision, _)| *revision);
    seen
}
