use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use etcd::replay::{Answer, Commitment, Reason, Servers, replay, replay_on};
use fastrand::Rng;

use super::compare;
use super::directory::{self, Directory};
use super::load::Plan;
use super::salvage;
use crate::etcd::{Etcd, Member};
use crate::oracles;

/// What came of one run that found no difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Exact, and everything was the same.
    Exact {
        /// The revision.
        revision: i64,
        /// How many entries the database lagged by.
        replayed: u64,
        /// Whether it is exact whatever etcd starts.
        for_any: bool,
        /// How many changes the log brought back after a full made halfway.
        salvaged: Option<u64>,
    },
    /// The etcd died of its own log, as was foretold.
    Panics,
    /// Not exact, and the revision was within the bounds.
    Between {
        /// Why it was not exact.
        stopped: String,
    },
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact {
                revision,
                replayed,
                for_any,
                salvaged,
            } => {
                let whom = if *for_any {
                    "any etcd"
                } else {
                    "this etcd only"
                };
                write!(
                    f,
                    "exact at revision {revision} for {whom}, {replayed} entries replayed"
                )?;
                match salvaged {
                    Some(changes) => write!(f, ", {changes} changes salvaged after a full"),
                    None => Ok(()),
                }
            }
            Self::Panics => f.write_str("etcd dies of its own log, as foretold"),
            Self::Between { stopped } => write!(f, "NOT EXACT: {stopped}"),
        }
    }
}

/// Loads an etcd of `version`, kills it, and holds its directory, replayed, against the same etcd
/// booted on it. An error is a difference, or a broken test.
pub fn differential(version: &str, seed: u64) -> Result<Verdict> {
    differential_in(tempfile::tempdir()?.path(), version, seed)
}

/// The same in a directory of the caller's, in which everything stays: the directory as it was `killed`,
/// the one that was booted (`copied`), and the full.
pub fn differential_in(room: &Path, version: &str, seed: u64) -> Result<Verdict> {
    let binary = oracles::etcd(version)?;
    let mut rng = Rng::with_seed(seed);
    let (flags, plan) = (lagging(&mut rng), Plan::random(&mut rng));
    let (killed, copied) = (room.join("killed"), room.join("copied"));
    let member = Member::alone()?;
    let etcds = [Etcd::serving(&binary, &member, &killed, &flags)?];
    let full = room.join("full.db");
    plan.play(
        &etcds,
        &mut rng,
        || salvage::back_up(&etcds[0], &full),
        || etcds[0].kill_now(),
    )?;
    drop(etcds);
    directory::copy(&killed, &copied)?;
    let servers = Servers::Only(version.parse()?);
    check(&killed, &full, servers, || {
        Etcd::serving(&binary, &member, &copied, &flags)
    })
    .with_context(|| format!("etcd {version}, seed {seed}, {plan:?}, {flags:?}"))
}

fn check(
    killed: &Path,
    full: &Path,
    servers: Servers,
    boot: impl FnOnce() -> Result<Etcd>,
) -> Result<Verdict> {
    let directory = Directory::open(killed)?;
    let replayed = replay_on(&directory.db, &directory.log, Commitment::Restart, servers)?;
    let etcd = match boot() {
        Ok(etcd) => etcd,
        // No answer is right about an etcd that does not start; this one foretells it.
        Err(_) if foretells_panic(&replayed.answer) => {
            return Ok(Verdict::Panics);
        }
        Err(error) => return Err(error.context(format!("{:?}", replayed.answer))),
    };
    match (&replayed.answer, &replayed.state) {
        (Answer::Exact(_), Some(native)) => {
            compare::same(native, &etcd)?;
            let salvaged = salvage::same(full, killed, servers, &etcd).context("salvaged")?;
            // What all etcds agree on is what this one does.
            let for_any = replay(&directory.db, &directory.log, Commitment::Restart)?.answer;
            if let Answer::Exact(revision) = for_any {
                ensure!(
                    revision == native.revision(),
                    "for any etcd the revision is {revision}"
                );
            }
            let applied = etcd::store_state::StoreState::read(&directory.db)?.consistent_index;
            Ok(Verdict::Exact {
                revision: native.revision(),
                replayed: native.consistent_index() - applied,
                for_any: matches!(for_any, Answer::Exact(_)),
                salvaged,
            })
        }
        (
            Answer::Between {
                lower,
                upper,
                stopped,
            },
            _,
        ) => {
            let revision = compare::revision(&etcd)?;
            ensure!(
                (*lower..=*upper).contains(&revision),
                "revision {revision} is not between {lower} and {upper}: {stopped}"
            );
            Ok(Verdict::Between {
                stopped: stopped.to_string(),
            })
        }
        (answer, _) => bail!("{answer:?}"),
    }
}

fn foretells_panic(answer: &Answer) -> bool {
    let Answer::Between { stopped, .. } = answer else {
        return false;
    };
    matches!(stopped.reason, Reason::Panics(_))
}

/// Flags that keep the database lagging, mostly.
pub(super) fn lagging(rng: &mut Rng) -> Vec<String> {
    let mut one_of = |values: &[&str]| values[rng.usize(..values.len())].to_owned();
    vec![
        "--backend-batch-interval".to_owned(),
        one_of(&["1h", "1h", "1h", "50ms"]),
        "--backend-batch-limit".to_owned(),
        one_of(&["10000000", "10000000", "60"]),
        "--snapshot-count".to_owned(),
        one_of(&["10", "100", "100000", "100000", "100000"]),
        "--bcrypt-cost".to_owned(),
        "4".to_owned(),
    ]
}
