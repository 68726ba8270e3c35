//! Whether a revision of a database is what a request asked for.

use crate::revision::Kind as EntryKind;

use super::kind::Kind;
use super::kv_request::{DeleteRange, Keys, Op, Put, Txn};
use super::request::Request;

/// One entry of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) kind: EntryKind,
    pub(super) key: Vec<u8>,
    pub(super) value: Vec<u8>,
}

/// Whether a request makes a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Never.
    None,
    /// It depends on the state before it.
    Possible,
    /// Always, as long as nobody is refused.
    Certain,
}

impl Effect {
    pub(super) fn of(request: &Request<'_>) -> Self {
        match &request.kind {
            _ if !request.may_write() => Self::None,
            Kind::Put(put) if is_certain(put) => Self::Certain,
            Kind::Txn(txn) if always_writes(txn) => Self::Certain,
            _ => Self::Possible,
        }
    }
}

/// A lease may have ended, and what is to be kept may not be there.
fn is_certain(put: &Put<'_>) -> bool {
    put.lease == 0 && !put.ignore_value && !put.ignore_lease
}

fn always_writes(txn: &Txn<'_>) -> bool {
    let writes = |ops: &[Op<'_>]| {
        let certain = |op: &Op<'_>| matches!(op, Op::Put(put) if is_certain(put));
        let harmless = |op: &Op<'_>| match op {
            Op::Put(put) => is_certain(put),
            Op::Range(range) => range.revision == 0,
            Op::DeleteRange(_) | Op::Nothing => true,
            Op::Txn(_) => false,
        };
        ops.iter().any(certain) && ops.iter().all(harmless)
    };
    writes(&txn.success) && (txn.compare.is_empty() || writes(&txn.failure))
}

/// Whether the request, if it was let through, can have made just these changes of one revision.
pub(super) fn makes(request: &Request<'_>, changes: &[Change]) -> bool {
    let deleted = |change: &Change| change.kind == EntryKind::Tombstone;
    match &request.kind {
        Kind::Put(put) => matches!(changes, [change] if is_put(put, change)),
        Kind::DeleteRange(delete) => {
            !changes.is_empty() && changes.iter().all(|change| is_deleted(delete, change))
        }
        Kind::LeaseRevoke { .. } => !changes.is_empty() && changes.iter().all(deleted),
        Kind::Txn(txn) => {
            let all = |ops| left_after(ops, changes).is_some_and(<[Change]>::is_empty);
            all(&txn.success) || !txn.compare.is_empty() && all(&txn.failure)
        }
        _ => false,
    }
}

/// What is left of `changes` after those of a branch; `None` when they are not in it.
fn left_after<'c>(ops: &[Op<'_>], mut changes: &'c [Change]) -> Option<&'c [Change]> {
    for op in ops {
        changes = match op {
            Op::Put(put) => {
                let (first, rest) = changes.split_first()?;
                is_put(put, first).then_some(rest)?
            }
            Op::DeleteRange(delete) => {
                let kept = |change| !is_deleted(delete, change);
                let end = changes.iter().position(kept).unwrap_or(changes.len());
                changes.get(end..)?
            }
            Op::Txn(txn) => {
                left_after(&txn.success, changes).or_else(|| left_after(&txn.failure, changes))?
            }
            Op::Range(_) | Op::Nothing => changes,
        };
    }
    Some(changes)
}

fn is_put(put: &Put<'_>, change: &Change) -> bool {
    change.kind == EntryKind::Put
        && put.key == change.key
        && (put.ignore_value || put.value == change.value)
}

fn is_deleted(delete: &DeleteRange<'_>, change: &Change) -> bool {
    let Keys { key, end } = delete.keys;
    let at = change.key.as_slice();
    change.kind == EntryKind::Tombstone
        && match end {
            [] => at == key,
            [0] => at >= key,
            end => at >= key && at < end,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(kind: EntryKind, key: &[u8], value: &[u8]) -> Change {
        Change {
            kind,
            key: key.into(),
            value: value.into(),
        }
    }

    fn put<'a>(key: &'a [u8], value: &'a [u8]) -> Put<'a> {
        Put {
            key,
            value,
            ..Put::default()
        }
    }

    fn delete<'a>(key: &'a [u8], end: &'a [u8]) -> DeleteRange<'a> {
        DeleteRange {
            keys: Keys { key, end },
            prev_kv: false,
        }
    }

    fn asks(kind: Kind<'_>) -> Request<'_> {
        Request { header: None, kind }
    }

    #[test]
    fn a_branch_makes_all_of_its_changes_or_none() {
        let txn = asks(Kind::Txn(Txn {
            success: vec![
                Op::Put(put(b"a", b"1")),
                Op::DeleteRange(delete(b"b", b"d")),
                Op::Put(put(b"x", b"2")),
            ],
            ..Txn::default()
        }));
        let (a, x) = (
            change(EntryKind::Put, b"a", b"1"),
            change(EntryKind::Put, b"x", b"2"),
        );
        let c = change(EntryKind::Tombstone, b"c", b"");
        assert_eq!(Effect::of(&txn), Effect::Certain);
        assert!(makes(&txn, &[a.clone(), x.clone()]));
        assert!(makes(&txn, &[a.clone(), c.clone(), x.clone()]));
        for others in [vec![a.clone()], vec![x, a.clone()], vec![a, c], vec![]] {
            assert!(!makes(&txn, &others), "{others:?}");
        }
    }

    #[test]
    fn what_depends_on_the_state_is_not_certain() {
        let leased = Put {
            lease: 7,
            ..put(b"a", b"1")
        };
        let range = Op::DeleteRange(delete(b"a", b"b"));
        let deletes = Txn {
            success: vec![range],
            ..Txn::default()
        };
        for kind in [
            Kind::Put(leased),
            Kind::DeleteRange(delete(b"a", b"")),
            Kind::LeaseRevoke { id: 7 },
            Kind::Txn(deletes),
        ] {
            assert_eq!(Effect::of(&asks(kind)), Effect::Possible);
        }
        let put = asks(Kind::Put(put(b"a", b"1")));
        assert_eq!(Effect::of(&put), Effect::Certain);
        assert!(makes(&put, &[change(EntryKind::Put, b"a", b"1")]));
        assert!(!makes(&put, &[change(EntryKind::Put, b"a", b"2")]));
        let nothing = asks(Kind::Nothing);
        assert_eq!(Effect::of(&nothing), Effect::None);
    }
}
