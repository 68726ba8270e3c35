//! What is under way, and how far it is. What nobody knows is left out.

use std::time::Duration;

use jiff::Timestamp;

use crate::known::Known;
use crate::sidecar::{Sidecar, Word};
use crate::words::{ago, bytes, duration, since};
use crate::work::{Bytes, Kind, Work};

/// A pace is told after so long: what came at once says little.
const PACE: Duration = Duration::from_secs(2);

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// What is done, and since when.
    pub what: String,
    /// How far it is, how fast, and how long it takes yet; empty where nobody knows.
    pub how_far: String,
    /// How much of it is done, of how much.
    pub part: Option<(u64, u64)>,
}

/// All that is.
pub(super) fn tasks(known: &Known) -> Vec<Task> {
    let Some(sidecar) = &known.sidecar else {
        return Vec::new();
    };
    let told = sidecar.work.iter().map(|work| task(work, known.now));
    initialization(sidecar, known.now)
        .into_iter()
        .chain(told)
        .collect()
}

/// One that waits for its next attempt, or has not told how far it is.
fn initialization(sidecar: &Sidecar, now: Timestamp) -> Option<Task> {
    let is_told = (sidecar.work.iter()).any(|work| work.kind == Kind::Initialization);
    let is_under_way = sidecar.initialization.state == Word::Progress && !is_told;
    is_under_way.then(|| {
        let work = Work {
            kind: Kind::Initialization,
            since: sidecar.initialization.since,
            bytes: None,
            part: None,
        };
        task(&work, now)
    })
}

fn task(work: &Work, now: Timestamp) -> Task {
    let what = match work.kind {
        Kind::Initialization => "Initialization of the data directory",
        Kind::Full => "A full is taken",
        Kind::Delta => "A delta is stored",
        Kind::Proof => "The backups are read, to prove them",
        Kind::Copy => "Backups are copied to the second store",
        Kind::Defragmentation => "Members are defragmented",
    };
    let begun = ago(work.since, now);
    Task {
        what: match work.part {
            Some(part) => format!("{what}: {part}. Begun {begun}."),
            None => format!("{what}. Begun {begun}."),
        },
        how_far: work
            .bytes
            .map(|bytes| how_far(bytes, now))
            .unwrap_or_default(),
        part: work.bytes.and_then(part),
    }
}

/// What is fetched once more after a fault counts again, and is no part of the whole then.
fn part(bytes: Bytes) -> Option<(u64, u64)> {
    let of = bytes.of.filter(|of| *of > 0 && bytes.done <= *of)?;
    Some((bytes.done, of))
}

fn how_far(counted: Bytes, now: Timestamp) -> String {
    let passed = since(counted.since, now).filter(|passed| *passed >= PACE);
    let of = match part(counted) {
        Some((done, of)) => {
            let percent = u128::from(done) * 100 / u128::from(of);
            format!("{} of {}, {percent} %", bytes(done), bytes(of))
        }
        None => bytes(counted.done),
    };
    let pace = passed.filter(|_| counted.done > 0).map(|passed| {
        let a_second = u128::from(counted.done) * 1000 / passed.as_millis().max(1);
        format!(
            "{} a second",
            bytes(u64::try_from(a_second).unwrap_or(u64::MAX))
        )
    });
    let left = passed.and_then(|passed| left(counted, passed));
    let left = left.map(|left| format!("{} left at this pace", duration(left)));
    let told: Vec<String> = [Some(of), pace, left].into_iter().flatten().collect();
    told.join("; ")
}

/// How long it takes to the end, if it goes on as fast as so far.
fn left(counted: Bytes, passed: Duration) -> Option<Duration> {
    let (done, of) = part(counted).filter(|(done, of)| *done > 0 && done < of)?;
    let left = passed.as_millis() * u128::from(of - done) / u128::from(done);
    let seconds = left.div_ceil(1000);
    Some(Duration::from_secs(u64::try_from(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(done: u64, of: Option<u64>, seconds: i64) -> String {
        let since = Timestamp::UNIX_EPOCH;
        how_far(
            Bytes { done, of, since },
            Timestamp::from_second(seconds).unwrap(),
        )
    }

    /// A time that is left is a claim, and stands only where bytes and a pace are known.
    #[test]
    fn what_is_not_known_is_not_told() {
        let mib = 1 << 20;
        assert_eq!(
            told(12 * mib, Some(48 * mib), 4),
            "12.0 MiB of 48.0 MiB, 25 %; 3.0 MiB a second; 12 s left at this pace"
        );
        assert_eq!(told(12 * mib, None, 4), "12.0 MiB; 3.0 MiB a second");
        assert_eq!(
            told(12 * mib, Some(48 * mib), 1),
            "12.0 MiB of 48.0 MiB, 25 %"
        );
        assert_eq!(told(0, Some(48 * mib), 90), "0 B of 48.0 MiB, 0 %");
        // A clock that was set back has no pace.
        assert_eq!(told(mib, Some(2 * mib), -9), "1.0 MiB of 2.0 MiB, 50 %");
        // All has come, and what is done with it takes as long as it takes.
        assert_eq!(
            told(mib, Some(mib), 4),
            "1.0 MiB of 1.0 MiB, 100 %; 256.0 KiB a second"
        );
        // Something was fetched twice.
        assert_eq!(told(3 * mib, Some(mib), 3), "3.0 MiB; 1.0 MiB a second");
    }
}
