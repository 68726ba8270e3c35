use anyhow::Result;
use serde::ser::{SerializeMap, SerializeStruct, Serializer};
use serde::{Deserialize, Serialize};

use super::state::Header;
use super::{Bytes, Etcd, Int};

/// A transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Txn {
    /// All must hold for `success`.
    pub compare: Vec<Compare>,
    /// What is done when they do.
    pub success: Vec<Op>,
    /// What is done when one does not.
    pub failure: Vec<Op>,
}

/// What a transaction does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Writes a key; lease 0 is none.
    Put(Bytes, Bytes, i64),
    /// Deletes a key, or, when the second is not empty, all from the first up to it.
    Delete(Bytes, Bytes),
    /// A transaction within.
    Txn(Txn),
}

/// A condition on a key. One that does not exist has version and revisions 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compare {
    /// Its version is above this.
    VersionAbove(Bytes, i64),
    /// It was created at this revision.
    CreatedAt(Bytes, i64),
    /// It was last written before this revision.
    WrittenBefore(Bytes, i64),
    /// Its value is not this; never holds for a key that does not exist.
    ValueDiffers(Bytes, Bytes),
}

impl Etcd {
    /// Runs `txn` and returns the revision after it.
    pub fn txn(&self, txn: &Txn) -> Result<i64> {
        #[derive(Deserialize)]
        struct Answer {
            header: Header,
        }
        let answer: Answer = self.gateway().call("kv/txn", txn)?;
        Ok(answer.header.revision.signed())
    }

    /// Writes a key and returns the revision that did.
    pub fn put(&self, key: &[u8], value: &[u8]) -> Result<i64> {
        self.txn(&Txn {
            success: vec![Op::Put(key.into(), value.into(), 0)],
            ..Txn::default()
        })
    }
}

impl Serialize for Op {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Put<'a> {
            key: &'a Bytes,
            value: &'a Bytes,
            lease: Int,
        }
        #[derive(Serialize)]
        struct Delete<'a> {
            key: &'a Bytes,
            range_end: &'a Bytes,
        }
        let mut op = serializer.serialize_map(Some(1))?;
        match self {
            Self::Put(key, value, lease) => {
                let lease = Int::from(*lease);
                op.serialize_entry("request_put", &Put { key, value, lease })?;
            }
            Self::Delete(key, range_end) => {
                op.serialize_entry("request_delete_range", &Delete { key, range_end })?;
            }
            Self::Txn(txn) => op.serialize_entry("request_txn", txn)?,
        }
        op.end()
    }
}

impl Serialize for Compare {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut compare = serializer.serialize_struct("Compare", 4)?;
        let key = match self {
            Self::VersionAbove(key, version) => {
                compare.serialize_field("target", "VERSION")?;
                compare.serialize_field("result", "GREATER")?;
                compare.serialize_field("version", &Int::from(*version))?;
                key
            }
            Self::CreatedAt(key, revision) => {
                compare.serialize_field("target", "CREATE")?;
                compare.serialize_field("result", "EQUAL")?;
                compare.serialize_field("create_revision", &Int::from(*revision))?;
                key
            }
            Self::WrittenBefore(key, revision) => {
                compare.serialize_field("target", "MOD")?;
                compare.serialize_field("result", "LESS")?;
                compare.serialize_field("mod_revision", &Int::from(*revision))?;
                key
            }
            Self::ValueDiffers(key, value) => {
                compare.serialize_field("target", "VALUE")?;
                compare.serialize_field("result", "NOT_EQUAL")?;
                compare.serialize_field("value", value)?;
                key
            }
        };
        compare.serialize_field("key", key)?;
        compare.end()
    }
}
