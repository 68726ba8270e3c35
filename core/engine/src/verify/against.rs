use client::{ErrorKind, Etcd, HashKv};
use jiff::Timestamp;

use super::error::{Difference, Error, Result};
use super::fold::{Chain, Folding, fold, fold_no_further};
use super::memory::keeps_hashes;
use super::proof::Proven;
use super::run::Verification;
use crate::backups::listing::read_some;
use crate::backups::{self, Target};
use crate::history::as_compacted::Rule;
use crate::session::Session;

/// Which hash etcd is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// One that it remembers from its last compaction, for nothing (since 3.5.5; an older one is not asked). One that was
    /// restarted has forgotten it until its next compaction, and reads its database for it.
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
    let chain = chain(session, &target, verification).await?;
    let theirs = ask(etcd, chain.revision).await?;
    let chain = no_further(session, chain, theirs.compact_revision, verification).await?;
    let tier = tier(&theirs, compacted);
    compare(session, chain, &theirs, tier, now).await
}

/// The hash of its last compaction, as an etcd has told it.
#[derive(Debug, Clone, Copy)]
pub struct Remembered {
    compacted: i64,
    hash: HashKv,
}

impl Remembered {
    /// Asks for the hash of the compaction at `compacted`. One that does not remember it reads its database.
    pub async fn ask(etcd: &dyn Etcd, compacted: i64) -> Result<Self> {
        let hash = ask(etcd, compacted).await?;
        Ok(Self { compacted, hash })
    }

    /// The compaction.
    pub fn compacted(&self) -> i64 {
        self.compacted
    }

    /// Whether it was made anew, from the whole database.
    pub fn is_scanned(&self) -> bool {
        tier(&self.hash, Some(self.compacted)) != REMEMBERED
    }
}

/// Whether the backups lead to what etcd had at a compaction. No etcd is asked.
///
/// Errors: as of [`against`].
pub async fn against_remembered(
    session: &Session,
    remembered: &Remembered,
    verification: &Verification,
    now: Timestamp,
) -> Result<Proven> {
    let target = Target::Revision(remembered.compacted);
    let chain = chain(session, &target, verification).await?;
    let compacted = remembered.hash.compact_revision;
    let chain = no_further(session, chain, compacted, verification).await?;
    let tier = tier(&remembered.hash, Some(remembered.compacted));
    compare(session, chain, &remembered.hash, tier, now).await
}

/// The tier of a hash that etcd had.
const REMEMBERED: u8 = 2;

/// One that etcd remembers from a compaction was made with the compaction before. Any other it has made now, also where it
/// had forgotten the former.
fn tier(theirs: &HashKv, compacted: Option<i64>) -> u8 {
    match compacted.is_some() && theirs.compact_revision != compacted {
        true => REMEMBERED,
        false => 4,
    }
}

async fn chain(session: &Session, target: &Target, verification: &Verification) -> Result<Chain> {
    let holdings = read_some(session).await?;
    let branch = holdings
        .choose(&verification.lineage, target)
        .map_err(backups::Error::from)?;
    fold(session, &branch.catalogue, target, &folding(verification)).await
}

/// The chain, if its full is not compacted further than etcd; else another one to the same revision.
async fn no_further(
    session: &Session,
    chain: Chain,
    compacted: Option<i64>,
    verification: &Verification,
) -> Result<Chain> {
    if chain.compacted <= compacted {
        return Ok(chain);
    }
    let target = Target::Revision(chain.revision);
    let holdings = read_some(session).await?;
    let branch = holdings
        .choose(&verification.lineage, &target)
        .map_err(backups::Error::from)?;
    let (catalogue, folding) = (&branch.catalogue, folding(verification));
    fold_no_further(session, catalogue, &target, &folding, compacted).await
}

fn folding(verification: &Verification) -> Folding {
    Folding {
        reading: verification.reading,
        temp_dir: verification.temp_dir.clone(),
    }
}

/// The last compaction, of which etcd remembers the hash, unless it was restarted since.
async fn remembers(etcd: &dyn Etcd) -> Result<i64> {
    let version = etcd.status().await.map_err(Error::Etcd)?.version;
    if !keeps_hashes(&version) {
        return Err(Error::KeepsNoHashes { version });
    }
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
