use anyhow::{Context, Result, bail, ensure};

use super::model;
use super::play::Played;
use crate::etcd::{Change, Compacted, Etcd, Event, HashKv, State, Watched};
use crate::oracles::Binary;
use crate::restore::{Report, Restored, Restorer};

/// A history, and what restores its backup.
pub(super) struct Case<'a> {
    pub(super) played: &'a Played,
    pub(super) binary: &'a Binary,
    pub(super) restorer: Restorer,
}

/// A restore that brought back what was.
#[derive(Debug, Clone)]
pub struct Agreed {
    /// What the program said it did.
    pub report: Report,
    /// Whether the HashKV of the source says so too.
    pub source_hash: SourceHash,
}

/// Whether the HashKV of the source could be checked against that of the restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceHash {
    /// It is the same.
    Equal,
    /// The source has compacted that revision away since.
    Forgotten,
}

impl Case<'_> {
    /// The newest state, which is that of `revision`: everything is checked against everything.
    pub(super) fn newest(&self, revision: i64) -> Result<Agreed> {
        let restored = self.restored(&[], revision)?;
        let (etcd, source_hash) = self.same(&restored)?;
        let verified = self.restorer.verify()?;
        let report = &restored.report;
        ensure!(
            (verified.revision, verified.hash_kv) == (report.revision, report.hash_kv),
            "verify says {verified:?} and restore {report:?}"
        );
        self.compacted(&etcd, revision).context("--compact")?;
        let written = etcd.put(b"after the backup", b"new")?;
        let etcd = etcd.restart()?;
        let kept = etcd.state_at(written)?;
        let found = kept
            .kvs()
            .iter()
            .any(|kv| kv.mod_revision.signed() == written);
        ensure!(
            found,
            "a put at revision {written} did not survive a restart"
        );
        Ok(Agreed {
            report: restored.report,
            source_hash,
        })
    }

    /// The state that `revision` was.
    pub(super) fn past(&self, revision: i64) -> Result<Agreed> {
        let flags = ["--to-revision", &revision.to_string()];
        let restored = self.restored(&flags, revision)?;
        let (_, source_hash) = self.same(&restored).with_context(|| flags.join(" "))?;
        Ok(Agreed {
            report: restored.report,
            source_hash,
        })
    }

    fn restored(&self, flags: &[&str], revision: i64) -> Result<Restored> {
        let restored = self.restorer.restore(flags)?;
        let reached = restored.report.revision;
        ensure!(
            reached == revision,
            "{flags:?}: revision {reached}, not {revision}"
        );
        Ok(restored)
    }

    /// An etcd on `restored` is at its revision what the source was.
    fn same(&self, restored: &Restored) -> Result<(Etcd, SourceHash)> {
        let report = &restored.report;
        let revision = report.revision;
        let etcd = restored.boot(self.binary)?;
        let state = etcd.state_at(revision)?;
        let then = model::state_at(self.played.snapshotter.events(), revision);
        agree("the restored and its history", &state, &then)?;
        if revision >= self.played.compacted {
            let source = self.played.etcd.state_at(revision)?;
            agree("the restored and its source", &state, &source)?;
        }
        self.same_past(&etcd, report.compact_revision, revision)?;
        only_leases_end(&etcd, &then)?;
        let (leases, named) = (etcd.leases()?, then.leases());
        let still = etcd.state()?.leases();
        let lost = named
            .iter()
            .find(|id| still.contains(id) && !leases.contains(id));
        ensure!(
            lost.is_none(),
            "keys hang on lease {lost:?}, which there is not"
        );

        let said = HashKv {
            hash: report.hash_kv,
            compact_revision: report.compact_revision.into(),
        };
        let hash = hash_at(&etcd, revision, report.compact_revision)?;
        ensure!(
            hash.is_none_or(|hash| hash == said),
            "{hash:?}, and the report says {said:?}"
        );
        let source_hash = self.source_hash(&etcd, said, revision)?;
        Ok((etcd, source_hash))
    }

    /// A watch from the first revision that is left tells what it told at the source.
    fn same_past(&self, etcd: &Etcd, compacted: i64, revision: i64) -> Result<()> {
        let first = compacted.max(1) + 1;
        let Watched::Events(events) = etcd.watch(first, revision)? else {
            bail!("revision {first} is compacted, and the report says {compacted}");
        };
        let seen = self.played.snapshotter.events();
        let then = seen
            .iter()
            .filter(|event| (first..=revision).contains(&event.revision()));
        let differs = events
            .iter()
            .zip(then.clone())
            .find(|(now, then)| now != then);
        ensure!(differs.is_none(), "an event became another: {differs:?}");
        let (now, then) = (events.len(), then.count());
        ensure!(
            now == then,
            "{now} events from revision {first}, not {then}"
        );
        Ok(())
    }

    /// Holds the HashKV of `etcd` against the source's, once it has compacted as much. `restored`
    /// is what it was before.
    fn source_hash(&self, etcd: &Etcd, restored: HashKv, revision: i64) -> Result<SourceHash> {
        let (source, compacted) = (&self.played.etcd, self.played.compacted);
        if compacted > revision {
            return Ok(SourceHash::Forgotten);
        }
        let held = restored.compact_revision.signed();
        let mut now = Some(restored);
        if held.max(0) < compacted {
            etcd.compact(compacted, Compacted::Physically)?;
            now = hash_at(etcd, revision, compacted)?;
        }
        let (Some(now), Some(then)) = (now, hash_at(source, revision, compacted)?) else {
            return Ok(SourceHash::Forgotten);
        };
        ensure!(now == then, "the source has {then:?}, the restored {now:?}");
        Ok(SourceHash::Equal)
    }

    /// What `--compact` leaves is what the etcd leaves that compacts itself.
    fn compacted(&self, etcd: &Etcd, revision: i64) -> Result<()> {
        if etcd.hash_kv(0)?.compact_revision.signed() == revision {
            return Ok(());
        }
        etcd.compact(revision, Compacted::Physically)?;
        let restored = self.restored(&["--compact"], revision)?;
        let other = restored.boot(self.binary)?;
        let then = model::state_at(self.played.snapshotter.events(), revision);
        agree(
            "the compacted and its history",
            &other.state_at(revision)?,
            &then,
        )?;
        if let Some(hash) = hash_at(&other, revision, revision)? {
            let report = &restored.report;
            ensure!(
                hash.hash == report.hash_kv,
                "{hash:?}, and the report says {report:?}"
            );
        }
        Ok(())
    }
}

/// HashKV at `revision`. None where no version of etcd tells it: at a revision that it compacted,
/// once it has gone on. (Newer ones answer, from a cache made before the compaction; older ones
/// refuse.)
fn hash_at(etcd: &Etcd, revision: i64, compacted: i64) -> Result<Option<HashKv>> {
    if revision > compacted {
        return etcd.hash_kv(revision).map(Some);
    }
    let hash = etcd.hash_kv(0)?;
    Ok((etcd.revision()? == revision).then_some(hash))
}

fn agree(who: &str, one: &State, two: &State) -> Result<()> {
    match one.difference(two) {
        None => Ok(()),
        Some(difference) => bail!("{who} differ: {difference}"),
    }
}

/// Since it started, nothing has happened but that leases expired.
fn only_leases_end(etcd: &Etcd, then: &State) -> Result<()> {
    let now = etcd.revision()?;
    let Watched::Events(since) = etcd.watch(then.revision() + 1, now)? else {
        bail!("revision {} is compacted", then.revision() + 1);
    };
    let by_lease = |event: &Event| {
        let key = then.kvs().iter().find(|kv| kv.key == event.kv.key);
        event.change == Change::Delete && key.is_some_and(|kv| kv.lease.signed() != 0)
    };
    match since.iter().find(|event| !by_lease(event)) {
        None => Ok(()),
        Some(event) => bail!("something happened by itself: {event:?}"),
    }
}
