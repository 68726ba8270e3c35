//! Names of objects: `Full-00000000-LAST-TIME` and `Incr-FIRST-LAST-TIME`, each with the suffix of its
//! compression.

use std::ops::RangeInclusive;

use super::compression::Compression;

/// That of a full under the revision `last`, created at `time`, seconds since 1970.
pub fn full(last: i64, time: i64, compression: Compression) -> String {
    name("Full", 0..=last, time, compression)
}

/// That of a delta of these revisions, created at `time`, seconds since 1970.
pub fn delta(revisions: RangeInclusive<i64>, time: i64, compression: Compression) -> String {
    name("Incr", revisions, time, compression)
}

fn name(kind: &str, revisions: RangeInclusive<i64>, time: i64, compression: Compression) -> String {
    let (first, last) = revisions.into_inner();
    format!("{kind}-{first:08}-{last:08}-{time}{}", compression.suffix())
}
