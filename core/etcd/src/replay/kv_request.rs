//! Requests that read and write keys, borrowed from the entry they came in
//! (api/etcdserverpb/rpc.proto).

use crate::Malformed;
use crate::wire::{Fields, Value};

/// etcd checks no depth, but its own stack ends somewhere; clients do not nest at all.
const DEEPEST: usize = 64;

/// Which keys: one when `end` is empty, all from `key` on when it is one zero byte, otherwise
/// those from `key` up to `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Keys<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) end: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Put<'a> {
    pub(crate) key: &'a [u8],
    pub(crate) value: &'a [u8],
    pub(crate) lease: i64,
    pub(crate) prev_kv: bool,
    pub(crate) ignore_value: bool,
    pub(crate) ignore_lease: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct DeleteRange<'a> {
    pub(crate) keys: Keys<'a>,
    pub(crate) prev_kv: bool,
}

/// A read, of which only the revision can make a transaction fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Range<'a> {
    pub(crate) keys: Keys<'a>,
    pub(crate) revision: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Txn<'a> {
    pub(crate) compare: Vec<Compare<'a>>,
    pub(crate) success: Vec<Op<'a>>,
    pub(crate) failure: Vec<Op<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Op<'a> {
    Range(Range<'a>),
    Put(Put<'a>),
    DeleteRange(DeleteRange<'a>),
    Txn(Txn<'a>),
    /// None of them: etcd passes over it.
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Compare<'a> {
    /// 0 equal, 1 greater, 2 less, 3 not equal; anything else holds.
    pub(crate) result: u64,
    /// 0 version, 1 create, 2 mod, 3 value, 4 lease; anything else is equal to everything.
    pub(crate) target: u64,
    pub(crate) keys: Keys<'a>,
    pub(crate) to: Operand<'a>,
}

/// What is compared with; of another kind than the target it counts as zero or empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Operand<'a> {
    #[default]
    Nothing,
    /// The number of the target that it belongs to, and its value.
    Number(u64, i64),
    Value(&'a [u8]),
}

impl<'a> Put<'a> {
    pub(crate) fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut put = Self::default();
        let mut fields = Fields::new("PutRequest", bytes);
        while let Some(field) = fields.next()? {
            match field {
                (1, Value::Bytes(key)) => put.key = key,
                (2, Value::Bytes(value)) => put.value = value,
                (3, Value::Varint(lease)) => put.lease = lease.cast_signed(),
                (4, Value::Varint(flag)) => put.prev_kv = flag != 0,
                (5, Value::Varint(flag)) => put.ignore_value = flag != 0,
                (6, Value::Varint(flag)) => put.ignore_lease = flag != 0,
                (1..=6, _) => return Err(wrong_type(&fields)),
                _ => {}
            }
        }
        Ok(put)
    }
}

impl<'a> DeleteRange<'a> {
    pub(crate) fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut delete = Self::default();
        let mut fields = Fields::new("DeleteRangeRequest", bytes);
        while let Some(field) = fields.next()? {
            match field {
                (1, Value::Bytes(key)) => delete.keys.key = key,
                (2, Value::Bytes(end)) => delete.keys.end = end,
                (3, Value::Varint(flag)) => delete.prev_kv = flag != 0,
                (1..=3, _) => return Err(wrong_type(&fields)),
                _ => {}
            }
        }
        Ok(delete)
    }
}

impl<'a> Range<'a> {
    fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut range = Self::default();
        let mut fields = Fields::new("RangeRequest", bytes);
        while let Some(field) = fields.next()? {
            match field {
                (1, Value::Bytes(key)) => range.keys.key = key,
                (2, Value::Bytes(end)) => range.keys.end = end,
                (4, Value::Varint(revision)) => range.revision = revision.cast_signed(),
                (1 | 2 | 4, _) => return Err(wrong_type(&fields)),
                _ => {}
            }
        }
        Ok(range)
    }
}

impl<'a> Txn<'a> {
    pub(crate) fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        Self::decode_at(bytes, 0)
    }

    fn decode_at(bytes: &'a [u8], depth: usize) -> Result<Self, Malformed> {
        let mut txn = Self::default();
        let mut fields = Fields::new("TxnRequest", bytes);
        if depth == DEEPEST {
            return Err(fields.malformed("is nested too deep", 0));
        }
        while let Some(field) = fields.next()? {
            match field {
                (1, Value::Bytes(compare)) => txn.compare.push(Compare::decode(compare)?),
                (2, Value::Bytes(op)) => txn.success.push(Op::decode(op, depth)?),
                (3, Value::Bytes(op)) => txn.failure.push(Op::decode(op, depth)?),
                (1..=3, _) => return Err(wrong_type(&fields)),
                _ => {}
            }
        }
        Ok(txn)
    }

    /// Whether it holds nothing but reads, in either branch (`IsTxnReadonly`).
    pub(crate) fn is_read_only(&self) -> bool {
        let mut ops = self.success.iter().chain(&self.failure);
        ops.all(|op| matches!(op, Op::Range(_)))
    }
}

impl<'a> Op<'a> {
    fn decode(bytes: &'a [u8], depth: usize) -> Result<Self, Malformed> {
        let mut op = Self::Nothing;
        let mut fields = Fields::new("RequestOp", bytes);
        while let Some(field) = fields.next()? {
            op = match field {
                (1, Value::Bytes(range)) => Self::Range(Range::decode(range)?),
                (2, Value::Bytes(put)) => Self::Put(Put::decode(put)?),
                (3, Value::Bytes(delete)) => Self::DeleteRange(DeleteRange::decode(delete)?),
                (4, Value::Bytes(txn)) => Self::Txn(Txn::decode_at(txn, depth + 1)?),
                (1..=4, _) => return Err(wrong_type(&fields)),
                _ => op,
            }
        }
        Ok(op)
    }
}

impl<'a> Compare<'a> {
    fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut compare = Self::default();
        let mut fields = Fields::new("Compare", bytes);
        while let Some(field) = fields.next()? {
            match field {
                (1, Value::Varint(result)) => compare.result = result,
                (2, Value::Varint(target)) => compare.target = target,
                (3, Value::Bytes(key)) => compare.keys.key = key,
                (64, Value::Bytes(end)) => compare.keys.end = end,
                (7, Value::Bytes(value)) => compare.to = Operand::Value(value),
                (number @ (4 | 5 | 6 | 8), Value::Varint(operand)) => {
                    // Targets are numbered from 0, with the value's number left out here.
                    compare.to = Operand::Number(number - 4, operand.cast_signed());
                }
                (1..=8 | 64, _) => return Err(wrong_type(&fields)),
                _ => {}
            }
        }
        Ok(compare)
    }
}

fn wrong_type(fields: &Fields<'_>) -> Malformed {
    fields.malformed("wrong wire type", fields.offset())
}
