use anyhow::{Context, Result, bail, ensure};
use etcd::replay::{Answer, Commitment, replay};
use etcd::store_state::StoreState;
use fastrand::Rng;

use super::compare::native_state;
use super::directory::Directory;
use super::kv_load::{Expiry, Flushes};
use super::load::Plan;
use super::run::{Verdict, lagging};
use crate::etcd::{Etcd, Member, State};
use crate::oracles;

/// Loads three members of `version`, kills one, and holds what its directory proves against what
/// the others say they held at that revision. Never may more be called exact than they agree on.
pub fn survivors_agree(version: &str, seed: u64) -> Result<Verdict> {
    let binary = oracles::etcd(version)?;
    let mut rng = Rng::with_seed(seed);
    let flags = lagging(&mut rng);
    let room = tempfile::tempdir()?;
    let members: Vec<_> = Member::cluster(["m0", "m1", "m2"])?
        .into_iter()
        .map(|member| {
            let dir = room.path().join(member.name());
            (member, dir)
        })
        .collect();
    let etcds = Etcd::serving_cluster(&binary, &members, &flags)?;
    let plan = Plan {
        requests: rng.u32(20..200),
        clients: 3,
        users: false,
        alarms: false,
        learners: false,
        expiry: Expiry::Never,
        flushes: Flushes::None,
    };
    let victim = rng.usize(..3);
    plan.play(&etcds, &mut rng, || {}, || etcds[victim].kill_now())?;
    let directory = Directory::open(&members[victim].1)?;
    let replayed = replay(&directory.db, &directory.log, Commitment::Restart)?;
    let applied = StoreState::read(&directory.db)?.consistent_index;
    let survivor = &etcds[(victim + 1) % 3];
    let native = replayed.state.as_ref();
    let native = native.with_context(|| format!("{:?}", replayed.answer))?;
    let now = survivor.state()?;
    ensure!(
        native.revision() <= now.revision(),
        "{:?}, and the others are at {}",
        replayed.answer,
        now.revision()
    );
    same_then(&native_state(native)?, survivor)
        .with_context(|| format!("etcd {version}, seed {seed}: {:?}", replayed.answer))?;
    match replayed.answer {
        Answer::Exact(revision) => Ok(Verdict::Exact {
            revision,
            replayed: native.consistent_index() - applied,
            for_any: true,
            salvaged: None,
        }),
        Answer::Between { stopped, .. } => Ok(Verdict::Between {
            stopped: stopped.to_string(),
        }),
        answer => bail!("{answer:?}"),
    }
}

/// Whether the survivor held just this at that revision, unless it has compacted it since.
fn same_then(native: &State, survivor: &Etcd) -> Result<()> {
    let Ok(then) = survivor.state_at(native.revision()) else {
        return Ok(());
    };
    match native.difference(&then) {
        Some(difference) => bail!("{difference}"),
        None => Ok(()),
    }
}
