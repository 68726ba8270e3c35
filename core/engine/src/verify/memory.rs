//! Whether an etcd remembers the hash of its last compaction. It never says so: one that does not reads its whole
//! database when it is asked, and writers wait for that.

use std::time::{Duration, Instant};

/// Since this version etcd keeps the hash of each compaction that it has made, and forgets it when it is restarted.
const SINCE: [u32; 3] = [3, 5, 5];

/// Whether an etcd of this version, as `3.5.35`, keeps hashes. One that is not understood does not.
pub fn keeps_hashes(version: &str) -> bool {
    let numbers = version.split(['.', '-', '+']).map(str::parse::<u32>);
    let known: Vec<u32> = numbers.take(3).map_while(Result::ok).collect();
    known.len() == 3 && known.as_slice() >= SINCE.as_slice()
}

/// A watch that has not ended: the process that serves it is the same all the while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watched {
    /// The member that serves it.
    pub member: u64,
    /// Which watch: each has another number.
    pub number: u64,
}

/// What can be told of the memory of an etcd from outside: it was compacted under the eyes of a watch.
#[derive(Debug, Default)]
pub struct Memory {
    watched: Option<Watched>,
    compacted: Option<i64>,
    made: Option<(i64, Instant)>,
    /// It has read its database all the same.
    scanned: Option<Watched>,
}

impl Memory {
    /// The last compaction of the member that serves the watch, as it is now.
    pub fn look(&mut self, now: Instant, watched: Option<Watched>, compacted: Option<i64>) {
        if watched.is_none() || watched != self.watched {
            (self.watched, self.compacted, self.made) = (watched, compacted, None);
        } else if compacted != self.compacted {
            self.compacted = compacted;
            self.made = compacted.map(|revision| (revision, now));
        }
    }

    /// A compaction whose hash the member remembers, each once. etcd has it when the compaction is at its end, which
    /// `settle` is long enough for.
    pub fn take(&mut self, now: Instant, settle: Duration) -> Option<i64> {
        let (revision, since) = self.made?;
        if now.saturating_duration_since(since) < settle || self.scanned == self.watched {
            return None;
        }
        self.made = None;
        Some(revision)
    }

    /// The member had forgotten it: it is not asked again as long as this watch goes on.
    pub fn has_scanned(&mut self) {
        self.scanned = self.watched;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_keep_hashes() {
        for (version, keeps) in [
            ("3.4.23", false),
            ("3.5.1", false),
            ("3.5.4", false),
            ("3.5.5", true),
            ("3.5.35", true),
            ("3.6.0-rc.1", true),
            ("3.7.3", true),
            ("4.0.0", true),
            ("3.6", false),
            ("not known", false),
            ("", false),
        ] {
            assert_eq!(keeps_hashes(version), keeps, "{version}");
        }
    }

    const SETTLE: Duration = Duration::from_secs(30);

    #[expect(clippy::disallowed_methods, reason = "only differences count")]
    fn begun() -> Instant {
        Instant::now()
    }

    fn watch(number: u64) -> Option<Watched> {
        Some(Watched { member: 7, number })
    }

    /// A proof each hour made an etcd that had been restarted read its database each hour, and writers waited.
    #[test]
    fn only_what_was_compacted_under_a_watch_is_remembered() {
        let (begun, mut memory) = (begun(), Memory::default());
        let at = |seconds| begun + Duration::from_secs(seconds);
        // Compacted before anybody watched: it may have been restarted since.
        memory.look(at(0), watch(1), Some(40));
        assert_eq!(memory.take(at(100), SETTLE), None);
        memory.look(at(100), watch(1), Some(50));
        assert_eq!(memory.take(at(110), SETTLE), None, "it may be under way");
        // Restarted: the watch is another.
        memory.look(at(120), watch(2), Some(50));
        assert_eq!(memory.take(at(200), SETTLE), None);
        memory.look(at(200), watch(2), Some(60));
        memory.look(at(230), watch(2), Some(60));
        assert_eq!(memory.take(at(230), SETTLE), Some(60));
        assert_eq!(memory.take(at(260), SETTLE), None, "asked once");
        memory.look(at(260), None, Some(70));
        assert_eq!(memory.take(at(300), SETTLE), None, "nobody watches");
    }

    #[test]
    fn one_that_had_forgotten_is_left_alone() {
        let (begun, mut memory) = (begun(), Memory::default());
        for compacted in [None, Some(50)] {
            memory.look(begun, watch(1), compacted);
        }
        assert_eq!(memory.take(begun + SETTLE, SETTLE), Some(50));
        memory.has_scanned();
        memory.look(begun, watch(1), Some(60));
        assert_eq!(memory.take(begun + SETTLE, SETTLE), None);
        for compacted in [None, Some(60)] {
            memory.look(begun, watch(2), compacted);
        }
        assert_eq!(memory.take(begun + SETTLE, SETTLE), Some(60));
    }
}
