//! What an etcd answers beside what was restored.

use client::{ErrorKind, Etcd, HashKv, Read};
use snapstore::{Bytes, printable};

use super::check::Check;
use super::restored::{Facts, Sampled};
use crate::size::counted;

const HASH: &str = "HashKV";
const KEYS: &str = "the number of keys";
const SAMPLE: &str = "a sample of keys";

/// An etcd that is asked.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) etcd: &'a dyn Etcd,
    /// What it is called in a report.
    pub(super) whose: &'a str,
}

/// What it says to HashKV there: the answer, or why there is none, as a check.
///
/// Errors: it does not answer.
pub(super) async fn hash(
    asked: Asked<'_>,
    revision: i64,
) -> Result<Result<HashKv, Check>, client::Error> {
    match asked.etcd.hash_kv(revision).await {
        Ok(hash) => Ok(Ok(hash)),
        Err(error) => missing(asked, revision, error).map(Err),
    }
}

/// What it means that an etcd does not answer at a revision.
fn missing(asked: Asked<'_>, revision: i64, error: client::Error) -> Result<Check, client::Error> {
    match error.kind() {
        ErrorKind::Compacted => Ok(Check::not_compared(
            HASH,
            asked.whose,
            format!("it is compacted further than revision {revision}"),
        )),
        ErrorKind::Future => Ok(Check::differs(
            HASH,
            asked.whose,
            format!("it is not at revision {revision}: it lags, or has another history"),
        )),
        _ => Err(error),
    }
}

/// The hash that was answered, beside the one that the restored database has when it is compacted as far.
pub(super) fn of_hash(asked: Asked<'_>, answered: &HashKv, restored: u32) -> Check {
    Check::of(HASH, asked.whose, restored, answered.hash)
}

/// Compares the number of keys, and the sample.
///
/// Errors: it does not answer.
pub(super) async fn keys(asked: Asked<'_>, facts: &Facts) -> Result<Vec<Check>, client::Error> {
    let Asked { etcd, whose } = asked;
    let revision = facts.revision;
    let count = etcd.count_at(revision, Read::Agreed).await?;
    let mut checks = vec![Check::of(KEYS, whose, facts.keys, count)];
    let mut other = None;
    for one in &facts.sample {
        let key = Bytes::copy_from_slice(&one.key);
        let found = etcd.key_at(key, revision, Read::Agreed).await?;
        if found.as_ref().map(Sampled::answered).as_ref() != Some(one) {
            other = Some(printable(&String::from_utf8_lossy(&one.key)));
            break;
        }
    }
    let size = facts.sample.len();
    checks.extend(match other {
        // Nothing that was compared is nothing that is the same.
        None if size == 0 => None,
        None => Some(Check::of(
            SAMPLE,
            whose,
            counted(size, "key", "keys"),
            counted(size, "key", "keys"),
        )),
        Some(key) => {
            let note = format!("{key} is another there");
            Some(Check::differs(SAMPLE, whose, note))
        }
    });
    Ok(checks)
}
