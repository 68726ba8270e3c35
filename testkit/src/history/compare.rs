use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};
use fastrand::Rng;

use super::case::{Agreed, Case, SourceHash};
use super::play::play;
use crate::oracles::{self, ETCDS};
use crate::restore::Restorer;

/// What a comparison covered.
#[derive(Debug, Clone)]
pub struct Compared {
    /// The etcd that both were.
    pub version: &'static str,
    /// Events of the history.
    pub events: usize,
    /// What was restored: the newest state, then others.
    pub restored: Vec<Agreed>,
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "etcd {}, {} events", self.version, self.events)?;
        for Agreed {
            report,
            source_hash,
        } in &self.restored
        {
            let base = match report.base {
                Some(_) => format!("a full of {}", report.base_revision),
                None => "nothing".to_owned(),
            };
            let deltas = report.deltas.len();
            write!(f, "; {} from {base} and {deltas} deltas", report.revision)?;
            if report.repeated_events > 0 {
                write!(f, " ({} events twice)", report.repeated_events)?;
            }
            if *source_hash == SourceHash::Equal {
                write!(f, ", as hashed")?;
            }
        }
        Ok(())
    }
}

/// Plays the history of `seed`, restores its backup with `program`, and compares.
pub fn differential(program: &Path, seed: u64) -> Result<Compared> {
    let room = tempfile::tempdir()?;
    let store = room.path().join("store");
    compared(program, seed, &store).with_context(|| {
        let kept = room.keep();
        format!("seed {seed}; the backup is kept in {}", kept.display())
    })
}

fn compared(program: &Path, seed: u64, store: &Path) -> Result<Compared> {
    let mut rng = Rng::with_seed(seed);
    let oracle = &ETCDS[usize::try_from(seed % ETCDS.len() as u64)?];
    let binary = oracles::etcd(oracle.version())?;
    let played = play(&binary, store, &mut rng)?;
    let case = Case {
        played: &played,
        binary: &binary,
        restorer: Restorer {
            program: program.to_owned(),
            store: played.snapshotter.store().root().to_owned(),
        },
    };
    let mut restored = vec![case.newest(played.snapshotter.newest())?];
    let recoverable = played.snapshotter.recoverable();
    for _ in 0..2 {
        let revision = *rng.choice(&recoverable).context("nothing is recoverable")?;
        restored.push(case.past(revision)?);
    }
    Ok(Compared {
        version: binary.version(),
        events: played.snapshotter.events().len(),
        restored,
    })
}
