use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use fastrand::Rng;

use super::script::{LeaseIds, Script, Step};
use super::snapshotter::Snapshotter;
use crate::backup::{Layout, Store};
use crate::etcd::{Compacted, Etcd, Refused, Txn};
use crate::oracles::Binary;
use crate::wait;

/// A history that has happened, and its backup.
#[derive(Debug)]
pub(super) struct Played {
    /// The etcd it happened on. It goes on: leases expire.
    pub(super) etcd: Etcd,
    /// What was written of it.
    pub(super) snapshotter: Snapshotter,
    /// What it forgot last; 0 for nothing.
    pub(super) compacted: i64,
}

/// Longer than a short lease lasts, even where etcd is slow to end it.
const EXPIRED: Duration = Duration::from_secs(30);

/// Plays a random history on a fresh etcd and backs it up into `store`.
pub(super) fn play(binary: &Binary, store: &Path, rng: &mut Rng) -> Result<Played> {
    let layout = match rng.u8(0..10) {
        0 => Layout::V1,
        _ => Layout::V2,
    };
    let store = Store::create(store.to_owned(), layout)?;
    let mut played = Played {
        etcd: Etcd::fresh(binary)?,
        snapshotter: Snapshotter::new(store),
        compacted: 0,
    };
    let lease_ids = match binary.version() {
        "3.4.23" | "3.5.1" => LeaseIds::Positive,
        _ => LeaseIds::Any,
    };
    let mut script = Script::random(lease_ids, rng);
    let without_fulls = rng.u8(0..5) == 0;
    for _ in 0..rng.u32(60..300) {
        let step = script.next(rng);
        played.step(&step).with_context(|| format!("{step:?}"))?;
        match rng.u32(0..100) {
            0..6 => played.snapshotter.cut(&played.etcd, rng)?,
            6..8 => played.snapshotter.again(rng)?,
            8..10 if !without_fulls => played.full(&mut script, rng)?,
            _ => {}
        }
    }
    if rng.u8(0..4) > 0 || played.snapshotter.newest() < 2 {
        played.snapshotter.flush(&played.etcd, rng)?;
    }
    // Whatever comes now is not in the backup, but the comparison wants to know of it.
    played.snapshotter.catch_up(&played.etcd)?;
    Ok(played)
}

impl Played {
    fn step(&mut self, step: &Step) -> Result<()> {
        match step {
            Step::Write(txn) => self.write(txn),
            Step::Flood(txns) => txns.iter().try_for_each(|txn| self.write(txn)),
            Step::Grant { id, ttl } => unless_refused(self.etcd.grant(*id, *ttl)),
            Step::Revoke(id) => unless_refused(self.etcd.revoke(*id)),
            Step::Outlive(id) => wait::until("a lease expires", EXPIRED, || {
                let gone = self.etcd.lease_time(*id)?.left.signed() < 0;
                Ok(gone.then_some(()))
            }),
            Step::Compact(percent) => self.compact(*percent),
        }
    }

    fn write(&self, txn: &Txn) -> Result<()> {
        unless_refused(self.etcd.txn(txn).map(drop))
    }

    fn compact(&mut self, percent: u8) -> Result<()> {
        let now = self.snapshotter.catch_up(&self.etcd)?;
        let at = self.compacted + (now - self.compacted) * i64::from(percent) / 100;
        let wait = match percent % 2 {
            0 => Compacted::Physically,
            _ => Compacted::Eventually,
        };
        if at > self.compacted {
            self.etcd.compact(at, wait)?;
            self.compacted = at;
        }
        Ok(())
    }

    /// A full. Sometimes the deltas before it reach up to it, sometimes the reference has thrown
    /// away what it had seen; sometimes etcd is ahead of the name before it sends the database.
    fn full(&mut self, script: &mut Script, rng: &mut Rng) -> Result<()> {
        let mut named = self.etcd.revision()?;
        if rng.bool() {
            self.snapshotter.flush(&self.etcd, rng)?;
            named = self.snapshotter.catch_up(&self.etcd)?;
        }
        if rng.u8(0..3) == 0 {
            for _ in 0..rng.u32(1..6) {
                self.step(&script.next(rng))?;
            }
        }
        self.snapshotter.full(&self.etcd, named, rng)
    }
}

/// A script may ask for what cannot be: a key written twice, a lease that has gone. etcd says so,
/// and nothing has happened.
fn unless_refused(done: Result<()>) -> Result<()> {
    match done {
        Err(error) if error.downcast_ref::<Refused>().is_some() => Ok(()),
        done => done,
    }
}
