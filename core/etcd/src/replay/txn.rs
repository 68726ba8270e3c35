//! Transactions: all conditions first, nested ones too, then all changes
//! (server/etcdserver/txn/txn.go).

use std::cmp::Ordering;

use super::answer::Reason;
use super::keyspace::{Keyspace, Live, ValueAt};
use super::kv_request::{Compare, Op, Operand, Put, Range, Txn};
use super::lessor::Lessor;

/// Reads the value of a version of a key.
pub(super) trait Values {
    type Error: From<Reason>;

    fn value(&self, at: ValueAt) -> Result<Vec<u8>, Self::Error>;
}

/// What a transaction would do.
#[derive(Debug)]
pub(super) struct Chosen<'t, 'a> {
    /// Those of the branches that were chosen, in order.
    pub(super) ops: Vec<&'t Op<'a>>,
}

/// Chooses the branches by the state before the transaction.
pub(super) fn choose<'t, 'a, V: Values>(
    txn: &'t Txn<'a>,
    keyspace: &Keyspace,
    values: &V,
) -> Result<Chosen<'t, 'a>, V::Error> {
    let mut ops = Vec::new();
    collect(txn, keyspace, values, &mut ops)?;
    Ok(Chosen { ops })
}

fn collect<'t, 'a, V: Values>(
    txn: &'t Txn<'a>,
    keyspace: &Keyspace,
    values: &V,
    ops: &mut Vec<&'t Op<'a>>,
) -> Result<(), V::Error> {
    let branch = if all_hold(&txn.compare, keyspace, values)? {
        &txn.success
    } else {
        &txn.failure
    };
    for op in branch {
        match op {
            Op::Txn(txn) => collect(txn, keyspace, values, ops)?,
            op => ops.push(op),
        }
    }
    Ok(())
}

/// Why a chosen transaction changes nothing after all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No etcd applies it.
    Every,
    /// 3.7 alone looks at reads at the top when it starts.
    Only37,
}

impl<'a> Chosen<'_, 'a> {
    /// Whether it could change anything.
    pub(super) fn writes(&self) -> bool {
        let mut ops = self.ops.iter();
        ops.any(|op| matches!(op, Op::Put(_) | Op::DeleteRange(_)))
    }

    /// Whether one of its parts is refused, and with it all.
    pub(super) fn refusal(
        &self,
        top: &Txn<'a>,
        keyspace: &Keyspace,
        lessor: &Lessor,
        compacted: i64,
    ) -> Result<Option<Refusal>, Reason> {
        let outside = |range: &Range<'_>| {
            range.revision != 0
                && (range.revision > keyspace.revision() || range.revision < compacted)
        };
        let mut refusal = None;
        for op in &self.ops {
            match op {
                Op::Put(put) if refuses(put, keyspace, lessor)? => return Ok(Some(Refusal::Every)),
                Op::Range(range) if outside(range) => {
                    if !is_at_top(op, top) {
                        return Ok(Some(Refusal::Every));
                    }
                    refusal = Some(Refusal::Only37);
                }
                _ => {}
            }
        }
        Ok(refusal)
    }
}

fn is_at_top<'a>(op: &Op<'a>, top: &Txn<'a>) -> bool {
    let mut ops = top.success.iter().chain(&top.failure);
    ops.any(|candidate| std::ptr::eq(candidate, op))
}

/// Whether a put cannot be done: its lease is unknown, or what it would keep is not there.
pub(super) fn refuses(put: &Put<'_>, keyspace: &Keyspace, lessor: &Lessor) -> Result<bool, Reason> {
    let keeps = put.ignore_value || put.ignore_lease;
    Ok(put.lease != 0 && !lessor.has(put.lease)? || keeps && keyspace.get(put.key).is_none())
}

fn all_hold<V: Values>(
    compares: &[Compare<'_>],
    keyspace: &Keyspace,
    values: &V,
) -> Result<bool, V::Error> {
    for compare in compares {
        if !holds(compare, keyspace, values)? {
            return Ok(false);
        }
    }
    Ok(true)
}

const VALUE: u64 = 3;

/// Whether it holds for all live keys that it names.
fn holds<V: Values>(
    compare: &Compare<'_>,
    keyspace: &Keyspace,
    values: &V,
) -> Result<bool, V::Error> {
    let mut none = true;
    for (_, live) in keyspace.range(compare.keys) {
        none = false;
        let ordering = if compare.target == VALUE {
            let wanted = match compare.to {
                Operand::Value(value) => value,
                _ => &[],
            };
            values.value(live.value)?.as_slice().cmp(wanted)
        } else {
            against_number(compare, Some(live))
        };
        if !satisfies(compare.result, ordering) {
            return Ok(false);
        }
    }
    // A missing value is not an empty one: no comparison with it holds.
    Ok(
        !none
            || compare.target != VALUE && satisfies(compare.result, against_number(compare, None)),
    )
}

fn against_number(compare: &Compare<'_>, live: Option<&Live>) -> Ordering {
    let wanted = match compare.to {
        Operand::Number(target, number) if target == compare.target => number,
        _ => 0,
    };
    let found = live.map_or(Some(0), |live| match compare.target {
        0 => Some(live.version),
        1 => Some(live.create_revision),
        2 => Some(live.modified.main),
        4 => Some(live.lease),
        _ => None,
    });
    match found {
        Some(found) if compare.target <= 4 => found.cmp(&wanted),
        _ => Ordering::Equal,
    }
}

fn satisfies(result: u64, ordering: Ordering) -> bool {
    match result {
        0 => ordering.is_eq(),
        1 => ordering.is_gt(),
        2 => ordering.is_lt(),
        3 => ordering.is_ne(),
        _ => true,
    }
}
