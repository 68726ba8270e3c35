use jiff::Timestamp;

use super::error::{Difference, Error, Result};
use super::fold::{Folding, fold_no_further};
use super::proof::Proven;
use super::run::Verification;
use crate::backups::listing::read_some;
use crate::backups::metadata::{self, Compact, KeyBucket};
use crate::backups::{self, Catalogue, Kind, Snapshot, Target};
use crate::history::as_compacted::{Rule, Sums};
use crate::session::Session;

/// A full of which is known what it holds.
struct Known {
    full: Snapshot,
    holds: i64,
    bucket: KeyBucket,
    compacted: Option<i64>,
}

/// Whether what leads up to the newest full is what that full holds: the chain before it is folded and compared with what
/// was noted when the full was taken. No etcd is asked. Proves the store, the deltas and the fold.
///
/// Errors: `Differs` where it is another, `Nothing` where there is nothing to compare.
pub async fn against_full(
    session: &Session,
    verification: &Verification,
    now: Timestamp,
) -> Result<Proven> {
    let holdings = read_some(session).await?;
    let branch = holdings
        .choose(&verification.lineage, &Target::Latest)
        .map_err(backups::Error::from)?;
    let known = known(session, &branch.catalogue).await?;
    let before = without(&branch.catalogue, &known.full);
    let folding = Folding {
        reading: verification.reading,
        temp_dir: verification.temp_dir.clone(),
    };
    let target = Target::Revision(known.holds);
    let folded = fold_no_further(session, &before, &target, &folding, known.compacted).await;
    let chain = folded.map_err(|error| known.without_a_chain(&before, error))?;
    let rules: &[fn(i64) -> Rule] = &[|_| Rule::Bucket, |_| Rule::BucketWithTombstones];
    let (chain, sums) = chain.sums(session, known.compacted, rules).await?;
    if !sums.iter().any(|sums| known.has(sums)) {
        let difference = known.difference(sums.first(), chain.objects());
        return Err(Error::Differs(Box::new(difference)));
    }
    let proven = Proven {
        tier: 3,
        revision: known.holds,
        compact_revision: known.compacted,
        hash: known.bucket.crc32c,
        base: chain.base,
        deltas: chain.deltas,
        with: known.full.key().to_string(),
        at: now,
    };
    proven.note(session).await
}

impl Known {
    /// What it means that no chain leads to it. What the plan says of a store without this full would read as if backups
    /// were lost.
    fn without_a_chain(&self, before: &Catalogue, error: Error) -> Error {
        let is_of_plan = matches!(
            error,
            Error::Backups(backups::Error::Plan(_) | backups::Error::Unreachable(_))
        );
        match is_of_plan && !before.snapshots.iter().any(is_full) {
            true => Error::Nothing(format!(
                "{} is the only full, and no chain leads to it yet",
                self.full.key()
            )),
            false => error,
        }
    }

    /// Whether that is what was noted of it.
    fn has(&self, sums: &Sums) -> bool {
        let noted = &self.bucket;
        (sums.crc32c, sums.bytes, sums.entries) == (noted.crc32c, noted.bytes, noted.entries)
    }

    fn difference(&self, ours: Option<&Sums>, objects: String) -> Difference {
        let ours = ours.map(|one| (one.crc32c, one.entries));
        let (crc, entries) = ours.unwrap_or_default();
        let noted = &self.bucket;
        Difference {
            revision: self.holds,
            what: "the sum of all entries",
            ours: format!("{crc:08x} of {entries}"),
            theirs: format!("{:08x} of {}", noted.crc32c, noted.entries),
            whose: self.full.key().to_string(),
            objects,
        }
    }
}

/// The newest full whose metadata says what it holds.
async fn known(session: &Session, catalogue: &Catalogue) -> Result<Known> {
    let full = catalogue.fulls().next_back();
    let full = full.ok_or_else(|| Error::Nothing("there is no full".to_owned()))?;
    let reading = metadata::read(&*session.store, full.key().file_name());
    let read = session.cancel.run_until_cancelled(reading).await;
    let known = read.ok_or(Error::Interrupted)?.map_err(Error::Note)?;
    let nothing = |why: &str| Error::Nothing(format!("{}: {why}", full.key()));
    let known = known.ok_or_else(|| nothing("nothing was noted when it was taken"))?;
    let known = known.opened(&*session.store, &session.keys).await;
    let (Some(holds), Some(bucket)) = (known.holds, known.key_bucket) else {
        return Err(nothing("its pages were not understood when it was taken"));
    };
    let Compact {
        scheduled,
        finished,
    } = known.compact.unwrap_or(Compact {
        scheduled: None,
        finished: None,
    });
    if scheduled > finished {
        return Err(nothing(
            "etcd was removing compacted revisions while it was taken",
        ));
    }
    Ok(Known {
        full: full.clone(),
        holds,
        bucket,
        compacted: finished,
    })
}

fn is_full(snapshot: &Snapshot) -> bool {
    snapshot.name.kind == Kind::Full
}

/// What led there without the full.
fn without(catalogue: &Catalogue, full: &Snapshot) -> Catalogue {
    let others = catalogue.snapshots.iter();
    let others = others.filter(|one| one.name.kind == Kind::Delta || one.key() != full.key());
    Catalogue {
        snapshots: others.cloned().collect(),
        ignored: Vec::new(),
    }
}
