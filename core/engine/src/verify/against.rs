use client::{ErrorKind, Etcd, HashKv};
use jiff::Timestamp;

use super::error::{Difference, Error, Result};
use super::fold::{Chain, Folding, fold};
use super::proof::Proven;
use super::run::Verification;
use crate::backups::listing::read_some;
use crate::backups::{self, Target};
use crate::history::as_compacted::Rule;
use crate::session::Session;

/// Which hash etcd is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// One that it remembers from its last compaction, for nothing (since 3.5.5). One that was restarted has forgotten it
    /// until its next compaction, and makes it anew.
    Remembered,
    /// One of the newest state of the backups. It reads its whole database for that, under a lock that writers need.
    Scan,
}

/// Whether the newest backups are what `etcd` has: the hash of both is compared, and a proof is noted.
///
/// Errors: `Differs` where it is another, `Nothing` where there is nothing to compare.
pub async fn against(
    session: &Session,
    etcd: &dyn Etcd,
    asking: Asking,
    verification: &Verification,
    now: Timestamp,
) -> Result<Proven> {
    let (target, compacted) = match asking {
        Asking::Scan => (verification.target.clone(), None),
        Asking::Remembered => {
            let compacted = remembers(etcd).await?;
            (Target::Revision(compacted), Some(compacted))
        }
    };
    let holdings = read_some(session).await?;
    let branch = holdings
        .choose(&verification.lineage, &target)
        .map_err(backups::Error::from)?;
    let folding = Folding {
        reading: verification.reading,
        temp_dir: verification.temp_dir.clone(),
    };
    let chain = fold(session, &branch.catalogue, &target, &folding).await?;
    let theirs = ask(etcd, chain.revision).await?;
    let tier = match compacted.is_some() && theirs.compact_revision != compacted {
        true => 2,
        // One that etcd has made: also where it had forgotten the one of its compaction.
        false => 4,
    };
    compare(session, chain, &theirs, tier, now).await
}

/// The last compaction, of which etcd remembers the hash.
async fn remembers(etcd: &dyn Etcd) -> Result<i64> {
    let compacted = etcd.compacted().await.map_err(Error::Etcd)?;
    compacted.ok_or_else(|| {
        Error::Nothing("etcd has not been compacted, so it remembers no hash".to_owned())
    })
}

async fn ask(etcd: &dyn Etcd, revision: i64) -> Result<HashKv> {
    etcd.hash_kv(revision).await.map_err(|error| match error.kind() {
        ErrorKind::Compacted => Error::Nothing(format!(
            "etcd is compacted further than revision {revision}, to which the backups lead: {error}"
        )),
        ErrorKind::Future => Error::Nothing(format!(
            "etcd is not at revision {revision} yet, to which the backups lead: it lags, or has another history: \
             {error}"
        )),
        _ => Error::Etcd(error),
    })
}

async fn compare(
    session: &Session,
    chain: Chain,
    theirs: &HashKv,
    tier: u8,
    now: Timestamp,
) -> Result<Proven> {
    let compacted = theirs.compact_revision;
    let (chain, sums) = chain.sums(session, compacted, &[Rule::HashKvAt]).await?;
    let ours = sums.first().map_or(0, |sums| sums.crc32c);
    let whose = format!("etcd (member {:x})", theirs.header.member_id);
    if ours != theirs.hash {
        return Err(Error::Differs(Box::new(Difference {
            revision: chain.revision,
            what: "HashKV",
            ours: ours.to_string(),
            theirs: theirs.hash.to_string(),
            whose,
            objects: chain.objects(),
        })));
    }
    let proven = Proven {
        tier,
        revision: chain.revision,
        compact_revision: compacted,
        hash: ours,
        base: chain.base,
        deltas: chain.deltas,
        with: whose,
        at: now,
    };
    proven.note(session).await
}
