use fastrand::Rng;

use super::keys::Keys;
use crate::etcd::{Bytes, Compare, Op, Txn};

/// What happens next.
#[derive(Debug)]
pub(super) enum Step {
    /// A put, a delete, or several of them.
    Write(Txn),
    /// More keys than a transaction takes: deleted at once, later, they are what the reference
    /// cannot restore.
    Flood(Vec<Txn>),
    /// A lease, in seconds.
    Grant { id: i64, ttl: i64 },
    /// The end of one.
    Revoke(i64),
    /// Nothing, until this lease has expired.
    Outlive(i64),
    /// A compaction, so many percent of the way from the last one to now.
    Compact(u8),
}

/// Seconds: the shortest that etcd grants.
const SHORT: i64 = 2;

/// Where keys of a flood stand: after `flood/`, before `flood0`.
const FLOOD: (&str, &str) = ("flood/", "flood0");

/// etcd takes at most 128 operations a transaction.
const FLOOD_TXN: usize = 120;

/// Which lease ids clients choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeaseIds {
    /// Those that every etcd finds again when it starts.
    Positive,
    /// Any but 0. etcd 3.4.23 and 3.5.1 forget negative ones when they start, restored or not
    /// (`initAndRecover` in lease/lessor.go reads from 0 on; later ones read all).
    Any,
}

/// Makes up a history.
#[derive(Debug)]
pub(super) struct Script {
    keys: Keys,
    lease_ids: LeaseIds,
    leases: Vec<i64>,
    short: Vec<i64>,
    compacts: bool,
    floods: u32,
    outlives: u32,
}

impl Script {
    pub(super) fn random(lease_ids: LeaseIds, rng: &mut Rng) -> Self {
        Self {
            keys: Keys::random(rng),
            lease_ids,
            leases: Vec::new(),
            short: Vec::new(),
            compacts: rng.bool(),
            floods: u32::from(rng.u8(0..4) == 0),
            outlives: u32::from(rng.u8(0..4) == 0),
        }
    }

    pub(super) fn next(&mut self, rng: &mut Rng) -> Step {
        match rng.u32(0..400) {
            0..180 => Step::Write(one(self.put(rng))),
            180..250 => Step::Write(one(self.delete(rng))),
            250..340 => Step::Write(self.txn(rng)),
            340..370 => self.grant(rng),
            370..380 => self.revoke(rng),
            380..386 if self.compacts => Step::Compact(rng.u8(0..=100)),
            386..392 => self.outlive(rng),
            392..396 => self.flood(rng),
            _ => Step::Write(one(Op::Delete(FLOOD.0.into(), FLOOD.1.into()))),
        }
    }

    fn put(&self, rng: &mut Rng) -> Op {
        self.put_of(self.keys.one(rng), rng)
    }

    fn put_of(&self, key: Bytes, rng: &mut Rng) -> Op {
        let leased = rng.u8(0..4) == 0;
        let lease = rng.choice(&self.leases).filter(|_| leased);
        Op::Put(key, Keys::value(rng), lease.copied().unwrap_or(0))
    }

    fn delete(&self, rng: &mut Rng) -> Op {
        let (one, two) = (self.keys.one(rng), self.keys.one(rng));
        match rng.u32(0..50) {
            0 => Op::Delete(Bytes::from("\0"), Bytes::from("\0")),
            1 => Op::Delete(one, Bytes::from("\0")),
            2..12 => Op::Delete(one.clone().min(two.clone()), one.max(two)),
            _ => Op::Delete(one, Bytes::default()),
        }
    }

    /// Different keys throughout: etcd refuses to write one twice in a transaction. Sometimes a
    /// range is deleted that may hold one of them, and sometimes that is refused.
    fn txn(&self, rng: &mut Rng) -> Txn {
        let count = rng.usize(1..12);
        let keys = self.keys.some(rng, count);
        let mut ops: Vec<Op> = keys
            .into_iter()
            .map(|key| match rng.u8(0..4) {
                0 => Op::Delete(key, Bytes::default()),
                _ => self.put_of(key, rng),
            })
            .collect();
        if rng.u8(0..8) == 0 {
            ops.push(self.delete(rng));
        }
        self.branches(ops, 2, rng)
    }

    fn branches(&self, mut ops: Vec<Op>, depth: u32, rng: &mut Rng) -> Txn {
        let compare = (0..rng.usize(0..3)).map(|_| self.compare(rng)).collect();
        let failure = ops.split_off(rng.usize(0..=ops.len()));
        let mut txn = Txn {
            compare,
            success: ops,
            failure,
        };
        if depth > 0 && rng.bool() {
            let inner = txn.success.split_off(rng.usize(0..=txn.success.len()));
            let inner = self.branches(inner, depth - 1, rng);
            txn.success.push(Op::Txn(inner));
        }
        txn
    }

    fn compare(&self, rng: &mut Rng) -> Compare {
        let key = self.keys.one(rng);
        match rng.u8(0..4) {
            0 => Compare::VersionAbove(key, rng.i64(-1..4)),
            1 => Compare::CreatedAt(key, 0),
            2 => Compare::WrittenBefore(key, rng.i64(0..500)),
            _ => Compare::ValueDiffers(key, Bytes::default()),
        }
    }

    fn grant(&mut self, rng: &mut Rng) -> Step {
        let id = match rng.u8(0..10) {
            0 if self.lease_ids == LeaseIds::Any => rng.i64(i64::MIN..0),
            1 => rng.i64(1..100),
            _ => rng.i64(1..i64::MAX),
        };
        self.leases.push(id);
        if self.outlives > 0 && rng.bool() {
            self.short.push(id);
            return Step::Grant { id, ttl: SHORT };
        }
        let ttl = rng.i64(600..100_000);
        Step::Grant { id, ttl }
    }

    fn revoke(&mut self, rng: &mut Rng) -> Step {
        if self.leases.is_empty() {
            return self.grant(rng);
        }
        let id = self.leases.swap_remove(rng.usize(..self.leases.len()));
        self.short.retain(|short| *short != id);
        Step::Revoke(id)
    }

    fn outlive(&mut self, rng: &mut Rng) -> Step {
        let Some(id) = self.short.pop().filter(|_| self.outlives > 0) else {
            return self.grant(rng);
        };
        self.outlives -= 1;
        self.leases.retain(|lease| *lease != id);
        Step::Outlive(id)
    }

    fn flood(&mut self, rng: &mut Rng) -> Step {
        if self.floods == 0 {
            return Step::Write(self.txn(rng));
        }
        self.floods -= 1;
        let count = rng.usize(10_001..11_000);
        let puts: Vec<Op> = (0..count)
            .map(|n| Op::Put(format!("{}{n}", FLOOD.0).into(), "drop".into(), 0))
            .collect();
        let txn = |puts: &[Op]| Txn {
            success: puts.to_vec(),
            ..Txn::default()
        };
        Step::Flood(puts.chunks(FLOOD_TXN).map(txn).collect())
    }
}

fn one(op: Op) -> Txn {
    Txn {
        success: vec![op],
        ..Txn::default()
    }
}
