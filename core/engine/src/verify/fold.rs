use std::path::{Path, PathBuf};

use bolt::Db;

use super::error::{Error, Result};
use crate::backups::{self, Catalogue, Plan, Reading, Target};
use crate::history::as_compacted::{Folded, Rule, Sums, Wrong};
use crate::history::follow_plan;
use crate::history::output::Output;
use crate::history::scratch::Scratch;
use crate::history::spool::Spool;
use crate::progress::Phase;
use crate::session::Session;

/// How a chain is folded.
#[derive(Debug, Clone)]
pub(super) struct Folding {
    pub(super) reading: Reading,
    pub(super) temp_dir: PathBuf,
}

/// A chain that was read, with all that it holds in files without names.
#[derive(Debug)]
pub(super) struct Chain {
    file: Output,
    spool: Spool<Error>,
    temp_dir: PathBuf,
    pub(super) revision: i64,
    /// How far the full is compacted, and so the chain.
    pub(super) compacted: Option<i64>,
    pub(super) base: Option<String>,
    pub(super) deltas: Vec<String>,
}

/// Reads the chain that leads to `target`.
pub(super) async fn fold(
    session: &Session,
    catalogue: &Catalogue,
    target: &Target,
    folding: &Folding,
) -> Result<Chain> {
    let folding = folding.clone();
    follow_plan(session, catalogue, target, move |session, plan| {
        attempt(session, plan, &folding)
    })
    .await
}

/// The same from a full that is not compacted further than `compacted`: what one that is has left out, others still have.
///
/// Errors: `Nothing` where all of them are.
pub(super) async fn fold_no_further(
    session: &Session,
    catalogue: &Catalogue,
    target: &Target,
    folding: &Folding,
    compacted: Option<i64>,
) -> Result<Chain> {
    let mut left = catalogue.clone();
    let mut passed_over: Option<String> = None;
    loop {
        let folded = fold(session, &left, target, folding).await;
        let chain = folded.map_err(|error| match (error, &passed_over) {
            (
                Error::Backups(backups::Error::Plan(_) | backups::Error::Unreachable(_)),
                Some(key),
            ) => Error::Nothing(format!(
                "{key} is compacted further than what it would be compared with, and no older chain leads there"
            )),
            (error, _) => error,
        })?;
        let is_further = chain.compacted > compacted;
        let Some(base) = chain.base.clone().filter(|_| is_further) else {
            return Ok(chain);
        };
        left.snapshots.retain(|one| one.key().as_str() != base);
        passed_over = Some(base);
    }
}

fn attempt(session: &Session, plan: &Plan, folding: &Folding) -> Result<Chain> {
    let temp_dir = folding.temp_dir.clone();
    let scratch = Scratch::make(&temp_dir)?;
    session.phase(Phase::Verifying)?;
    let walk = scratch.walk(session, plan, folding.reading);
    let mut spool = Spool::create(&temp_dir)?;
    let (revision, compacted) = {
        let (state, deltas) = walk.base()?;
        let db = Db::open(&scratch.file).map_err(|error| walk.failed(error))?;
        let revision = walk.replay(&db, &state, deltas, &mut spool)?.revision;
        (revision, state.compaction.revision())
    };
    let (base, deltas) = plan.names();
    Ok(Chain {
        file: scratch.file,
        spool,
        temp_dir,
        revision,
        compacted,
        base,
        deltas,
    })
}

impl Chain {
    /// The sums over it if it were compacted there. The chain comes back.
    pub(super) async fn sums(
        mut self,
        session: &Session,
        compacted: Option<i64>,
        rules: &'static [fn(i64) -> Rule],
    ) -> Result<(Self, Vec<Sums>)> {
        session.phase(Phase::Checking)?;
        let seed = session.seed;
        let summing = tokio::task::spawn_blocking(move || {
            let mut sums = Vec::new();
            {
                let db =
                    Db::open(&self.file).map_err(|error| of_file(&self.temp_dir, error.into()))?;
                let mut folded = Folded {
                    db: &db,
                    spool: &mut self.spool,
                    seed,
                };
                for rule in rules {
                    let one = folded.sums(compacted, rule(self.revision));
                    sums.push(one.map_err(|wrong| meant(&self.temp_dir, wrong))?);
                }
            }
            Ok((self, sums))
        });
        let died = |error: tokio::task::JoinError| crate::Error::Died(error.to_string());
        summing.await.map_err(died)?
    }

    /// All its objects, for messages.
    pub(super) fn objects(&self) -> String {
        let names = self.base.iter().chain(&self.deltas);
        names.cloned().collect::<Vec<_>>().join(", ")
    }
}

fn of_file(path: &Path, error: etcd::Error) -> Error {
    backups::Error::of_file(path, error).into()
}

fn meant(path: &Path, wrong: Wrong) -> Error {
    match wrong {
        Wrong::System(error) => error.into(),
        Wrong::Database(error) => of_file(path, error),
        Wrong::NothingLive => Error::Nothing(
            "etcd holds no key at that revision, and its hash depends on what it has removed"
                .to_owned(),
        ),
    }
}
