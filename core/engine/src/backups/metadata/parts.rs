//! The parts of metadata that are more than a number or a text.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::encryption::KeyId;

/// The longest key of a witness, in bytes: in base64 it leaves room for the rest of the document.
pub const MAX_WITNESS_KEY: usize = 1024;

/// A history, and where it left another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineage {
    /// An opaque name.
    pub id: String,
    /// The history that it left; none for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
}

/// Where a history left another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// The id of the older lineage.
    pub id: String,
    /// The last revision that both have. Where it is proven: that of the newest event that both were found to have.
    pub left_at: i64,
    /// How that is known.
    pub branching: Branching,
}

/// How it is known that one history left another where it is said to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Branching {
    /// Events of both were compared.
    Proven,
    /// It was concluded from names and times, or said by an operator.
    Unproven,
}

/// The bucket `key` of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyBucket {
    /// CRC-32C over key and value of every entry in order.
    pub crc32c: u32,
    /// Bytes of keys and values.
    pub bytes: u64,
    /// How many entries.
    pub entries: u64,
}

/// The marks of compaction in the bucket `meta`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compact {
    /// `scheduledCompactRev`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<i64>,
    /// `finishedCompactRev`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished: Option<i64>,
}

/// An event by which a history is recognized.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// The key, in base64.
    pub key: String,
    /// Its revision.
    pub mod_revision: i64,
    /// The revision at which the key was created; 0 for a deletion.
    pub create_revision: i64,
    /// How often the key was written since; 0 for a deletion.
    pub version: i64,
    /// Whether the event deleted the key.
    pub deleted: bool,
}

/// That an object is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// The id of the key: that of `keys/<id>.age`.
    #[serde(with = "key_id")]
    pub key: KeyId,
    /// What is known of the content, encrypted with that key, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
}

impl Encryption {
    /// With this key.
    pub fn with(key: &KeyId) -> Self {
        Self {
            key: key.clone(),
            sealed: None,
        }
    }
}

/// An id as its digits.
mod key_id {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    use crate::encryption::KeyId;

    pub(super) fn serialize<S: Serializer>(id: &KeyId, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(id.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<KeyId, D::Error> {
        String::deserialize(from)?.parse().map_err(Error::custom)
    }
}

/// Where the log of raft stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaftLog {
    /// The last entry that the database holds (`consistent_index`).
    pub index: u64,
    /// The term in which the member was when it was asked.
    pub term: u64,
}

/// What of an etcd no event carries: a change of it is in no delta.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    /// The revision of users and roles; `None` where etcd does not tell (3.4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_revision: Option<u64>,
    /// SHA-256 over the members, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<String>,
    /// The version of what is stored; `None` before 3.6.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage_version: Option<String>,
}

/// The object written before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// Its name.
    pub snapshot: String,
    /// SHA-256 of the object, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored_sha256: Option<String>,
}

/// Revisions that no object holds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    /// The first of them.
    pub first: i64,
    /// The last of them.
    pub last: i64,
}

/// What was compared with etcd, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// Which of the tiers of proof: the higher, the more it shows.
    pub tier: u8,
    /// The revision up to which the chain was proven.
    pub revision: i64,
    /// When.
    pub at: Timestamp,
}

impl Witness {
    /// A key of etcd as a witness holds it; `None` where it is too long to be written down. Then a snapshot has
    /// no witness.
    pub fn key_of(key: &[u8]) -> Option<String> {
        (key.len() <= MAX_WITNESS_KEY).then(|| base64_simd::STANDARD.encode_to_string(key))
    }

    /// The bytes of its key; `None` where it is no base64.
    pub fn key_bytes(&self) -> Option<Vec<u8>> {
        base64_simd::STANDARD.decode_to_vec(&self.key).ok()
    }
}
