//! Transactions that write a key only if it is still as it was seen.

use bytes::Bytes;
use client::{ErrorKind, Etcd, KeyChange, Read, Write, Written};
use futures::{TryStreamExt, stream};

use super::error::{Error, Result};
use super::report::{Outcome, Step};

/// Keys that are read again at once.
const AT_ONCE: usize = 16;

/// Why no more was written.
pub(super) enum Failed {
    /// What came of a transaction is not known: its first key, in quotes, and how many there are in it.
    Write(client::Error, String, usize),
    /// What was written cannot be read again.
    ReadBack(client::Error),
    /// A key, in quotes, is not what was written at this revision.
    NotAsWritten(String, i64),
}

impl Failed {
    /// The error, after so many keys were written.
    pub(super) fn after(self, written: u64) -> Error {
        match self {
            Self::Write(source, first, keys) => Error::Write {
                source,
                first,
                keys,
                written,
            },
            Self::ReadBack(source) => Error::ReadBack { source, written },
            Self::NotAsWritten(key, revision) => Error::NotAsWritten { key, revision },
        }
    }
}

/// Writes what the steps say, in one transaction if that can be: a key that somebody wrote meanwhile is left as it is, and the
/// others are written without it. The steps come back in the order of their keys; where it fails, those of which it is known
/// what became of them.
pub(super) async fn apply(etcd: &dyn Etcd, steps: Vec<Step>) -> (Vec<Step>, Option<Failed>) {
    let mut done = Vec::new();
    let failed = write(etcd, steps, &mut done).await.err();
    done.sort_by(|one, other| key(one).cmp(&key(other)));
    (done, failed)
}

async fn write(etcd: &dyn Etcd, steps: Vec<Step>, done: &mut Vec<Step>) -> Result<(), Failed> {
    let mut waiting = vec![steps];
    while let Some(steps) = waiting.pop() {
        if steps.is_empty() {
            continue;
        }
        let writes: Vec<Write> = steps.iter().filter_map(|step| step.write.clone()).collect();
        match etcd.write(writes.clone()).await {
            Ok(Written::At(revision)) => {
                let written = |step| with(step, Outcome::Written(revision));
                done.extend(steps.into_iter().map(written));
                read_again(etcd, &writes, revision).await?;
            }
            Ok(Written::NotAsDemanded(found)) => {
                let (changed, others) = sorted_out(steps, &found);
                if changed.is_empty() {
                    let message =
                        "a comparison failed, and no key in it is another than it was seen";
                    let source = client::Error::new(ErrorKind::Protocol, "write keys", message);
                    return Err(unknown(source, &writes));
                }
                done.extend(changed);
                waiting.push(others);
            }
            Err(error) if error.kind() == ErrorKind::TooLarge => match halves(steps) {
                Ok(halves) => waiting.extend(halves),
                Err(alone) => {
                    let outcome = Outcome::TooLarge(error.message().to_owned());
                    done.extend(alone.into_iter().map(|step| with(step, outcome.clone())));
                }
            },
            Err(source) => return Err(unknown(source, &writes)),
        }
    }
    Ok(())
}

fn key(step: &Step) -> Option<&Bytes> {
    step.write.as_ref().map(|write| &write.key)
}

fn with(step: Step, outcome: Outcome) -> Step {
    Step { outcome, ..step }
}

/// Those that somebody wrote meanwhile, and the others.
fn sorted_out(steps: Vec<Step>, found: &[(Bytes, i64)]) -> (Vec<Step>, Vec<Step>) {
    let (mut changed, mut others) = (Vec::new(), Vec::new());
    for (step, (_, now)) in steps.into_iter().zip(found) {
        match step.write.as_ref().is_some_and(|write| write.seen == *now) {
            true => others.push(step),
            false => changed.push(with(step, Outcome::WrittenMeanwhile(*now))),
        }
    }
    (changed, others)
}

/// Two halves, or the one that there is.
fn halves(mut steps: Vec<Step>) -> Result<[Vec<Step>; 2], Vec<Step>> {
    match steps.len() {
        0 | 1 => Err(steps),
        length => {
            let second = steps.split_off(length / 2);
            Ok([second, steps])
        }
    }
}

fn unknown(source: client::Error, writes: &[Write]) -> Failed {
    let first = writes.first().map(|write| quoted(&write.key));
    Failed::Write(source, first.unwrap_or_default(), writes.len())
}

fn quoted(key: &[u8]) -> String {
    format!("\"{}\"", key.escape_ascii())
}

/// That etcd has at `revision` what was written then. What is written later says nothing about it.
async fn read_again(etcd: &dyn Etcd, writes: &[Write], revision: i64) -> Result<(), Failed> {
    let reading = stream::iter(writes.iter().map(Ok));
    reading
        .try_for_each_concurrent(AT_ONCE, |write| async move {
            let read = etcd.key_at(write.key.clone(), revision, Read::Agreed).await;
            let found = read.map_err(Failed::ReadBack)?;
            let is_as_written = match (&write.change, found) {
                (KeyChange::Put(value), Some(found)) => {
                    found.value == *value && found.mod_revision == revision && found.lease == 0
                }
                (KeyChange::Delete, found) => found.is_none(),
                (KeyChange::Put(_), None) => false,
            };
            match is_as_written {
                true => Ok(()),
                false => Err(Failed::NotAsWritten(quoted(&write.key), revision)),
            }
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyspace::Difference;
    use client::scripted::{Asked, Scripted};
    use client::{Endpoint, KeyValue, Scheme};
    use snapstore::clock::SystemClock;
    use std::sync::Arc;

    fn gone(key: &'static str) -> Step {
        let backup = KeyValue {
            key: key.into(),
            value: "value".into(),
            create_revision: 2,
            mod_revision: 2,
            version: 1,
            lease: 0,
        };
        Step {
            write: Some(Write {
                key: key.into(),
                seen: 0,
                change: KeyChange::Put("value".into()),
            }),
            difference: Difference::Removed(backup),
            outcome: Outcome::Planned,
        }
    }

    /// An answer that is lost says nothing of what was written: which keys it was about, and what to do, is told, and the
    /// transaction is not sent again.
    #[tokio::test]
    async fn what_came_of_a_lost_answer_is_not_guessed() {
        let endpoint = Endpoint::parse("http://127.0.0.1:1", Scheme::Clear).unwrap();
        let etcd = Scripted::new(endpoint, Arc::new(SystemClock));
        let lost = client::Error::new(ErrorKind::Unavailable, "write keys", "reset");
        etcd.refuse(|asked| matches!(asked, Asked::Write(_)), lost);
        let (done, failed) = apply(&etcd, vec![gone("a\n"), gone("b")]).await;
        assert!(done.is_empty());
        let told = failed.unwrap().after(7).to_string();
        for word in [
            "reset",
            "2 keys",
            "is not known",
            "\"a\\n\"",
            "7 keys were written before",
        ] {
            assert!(told.contains(word), "no {word:?} in {told}");
        }
        assert_eq!(etcd.asked().len(), 1);
    }
    /// "Nothing was written" was said where the first transaction was, and could not be read again.
    #[tokio::test]
    async fn what_was_written_is_told_although_it_cannot_be_read_again() {
        let endpoint = Endpoint::parse("http://127.0.0.1:1", Scheme::Clear).unwrap();
        let etcd = Scripted::new(endpoint, Arc::new(SystemClock));
        etcd.facts(|facts| facts.written = Some(Written::At(9)));
        let lost = client::Error::new(ErrorKind::Unavailable, "read a key", "reset");
        etcd.refuse(|asked| matches!(asked, Asked::KeyAt(..)), lost);
        let (done, failed) = apply(&etcd, vec![gone("a"), gone("b")]).await;
        let written = |step: &&Step| matches!(step.outcome, Outcome::Written(9));
        assert_eq!(done.iter().filter(written).count(), 2);
        assert!(matches!(failed, Some(Failed::ReadBack(_))));
    }
}
