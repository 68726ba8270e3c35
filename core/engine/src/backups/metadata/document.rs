//! The document: what it holds, and what is refused of it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::parts::{
    Beside, Compact, Encryption, KeyBucket, Lineage, Missing, Previous, Proof, RaftLog, Witness,
};
use crate::backups::name::{Kind, NameError, SnapshotName};

/// The format that is written, and the newest that is read.
pub const FORMAT: u32 = 1;

/// The longest document, in bytes. Whatever is longer was not written by this program.
pub const MAX_BYTES: usize = 4096;

/// What is known about a snapshot. Each field but the first two may be missing: backups of other programs have none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    /// [`FORMAT`].
    pub format: u32,
    /// The name of the snapshot, the last segment of its key.
    pub snapshot: String,
    /// Full or delta, as the name says.
    #[serde(with = "kind")]
    pub kind: Kind,
    /// When the snapshot was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// Length of the content in bytes, decompressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_bytes: Option<u64>,
    /// SHA-256 of the content without the hash at its end, in hexadecimal: what that hash says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_sha256: Option<String>,
    /// Length of the object in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored_bytes: Option<u64>,
    /// SHA-256 of the object, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stored_sha256: Option<String>,
    /// The revision that a full really holds: its name may say less.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<i64>,
    /// The id of the cluster, in hexadecimal as etcdctl prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<String>,
    /// The id of the member that was asked, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_id: Option<String>,
    /// Which history it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<Lineage>,
    /// The version of etcd, as it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etcd_version: Option<String>,
    /// The key bucket of a full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_bucket: Option<KeyBucket>,
    /// How far a full was compacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compact: Option<Compact>,
    /// The last event in it, to be read back from etcd at its revision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
    /// That it is encrypted, and with which key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Encryption>,
    /// Where the log of raft stood; of fulls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raft: Option<RaftLog>,
    /// What events do not carry, as it was when the snapshot was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<Beside>,
    /// The object written before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Previous>,
    /// Revisions between the object before and this one, which no object holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Missing>,
    /// The last proof that it restores to what etcd had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// Nobody may delete the snapshot until this is taken back.
    #[serde(default, skip_serializing_if = "is_not_set")]
    pub keep: bool,
    /// What wrote it: name and version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// What a later version has written beside. Kept, so that a mark set by this version loses nothing.
    #[serde(flatten)]
    pub unrecognized: BTreeMap<String, serde_json::Value>,
}

/// Why metadata is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Longer than what is ever written.
    #[error("it has {0} bytes, and metadata has {MAX_BYTES} at most")]
    Long(u64),
    /// No JSON, or not of this shape.
    #[error("it is not the metadata of a snapshot: {0}")]
    Shape(String),
    /// A later version has written it.
    #[error("it has format {0}, and this version reads format {FORMAT}: use a newer version")]
    Format(u32),
    /// It names something that is no snapshot.
    #[error("it is of {0:?}, which is no snapshot: {1}")]
    Name(String, NameError),
    /// It belongs to another object than its key says.
    #[error("it is of {0:?}, and not of the snapshot that its key names")]
    Other(String),
    /// Two of its parts exclude each other, or one is out of range.
    #[error("its {0}")]
    Field(&'static str),
}

impl Metadata {
    /// Metadata that says no more than which snapshot it is of: the last segment of its key.
    ///
    /// Errors: [`MetadataError::Name`].
    pub fn of(snapshot: &str) -> Result<Self, MetadataError> {
        let name = SnapshotName::parse(snapshot)
            .map_err(|why| MetadataError::Name(snapshot.to_owned(), why))?;
        Ok(Self {
            format: FORMAT,
            snapshot: snapshot.to_owned(),
            kind: name.kind,
            created: None,
            raw_bytes: None,
            raw_sha256: None,
            stored_bytes: None,
            stored_sha256: None,
            holds: None,
            cluster_id: None,
            member_id: None,
            lineage: None,
            etcd_version: None,
            key_bucket: None,
            compact: None,
            witness: None,
            encryption: None,
            raft: None,
            beside: None,
            previous: None,
            gap: None,
            proof: None,
            keep: false,
            tool: None,
            unrecognized: BTreeMap::new(),
        })
    }

    /// The document to store.
    ///
    /// Errors: whatever [`Metadata::parse`] would refuse of it.
    pub fn to_json(&self) -> Result<Vec<u8>, MetadataError> {
        self.check()?;
        let shape = |error: serde_json::Error| MetadataError::Shape(error.to_string());
        let json = serde_json::to_vec(self).map_err(shape)?;
        match json.len() > MAX_BYTES {
            true => Err(MetadataError::Long(json.len() as u64)),
            false => Ok(json),
        }
    }

    /// Reads a document. Fields that this version does not know are kept in `unrecognized`.
    pub fn parse(json: &[u8]) -> Result<Self, MetadataError> {
        /// Read first: a later format may have another shape.
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        if json.len() > MAX_BYTES {
            return Err(MetadataError::Long(json.len() as u64));
        }
        let shape = |error: serde_json::Error| MetadataError::Shape(error.to_string());
        let version: Version = serde_json::from_slice(json).map_err(shape)?;
        if version.format != FORMAT {
            return Err(MetadataError::Format(version.format));
        }
        let metadata: Self = serde_json::from_slice(json).map_err(shape)?;
        metadata.check()?;
        Ok(metadata)
    }

    fn check(&self) -> Result<(), MetadataError> {
        let name = SnapshotName::parse(&self.snapshot)
            .map_err(|why| MetadataError::Name(self.snapshot.clone(), why))?;
        let sums = [&self.raw_sha256, &self.stored_sha256];
        let before = self.previous.as_ref().map(|one| &one.stored_sha256);
        let is_sum = |sum: &Option<String>| sum.as_deref().is_none_or(|sum| is_hex(sum, 64..=64));
        let is_id = |id: &Option<String>| id.as_deref().is_none_or(|id| is_hex(id, 1..=16));
        let lineage = self.lineage.as_ref();
        let parent = lineage.and_then(|lineage| lineage.parent.as_ref());
        let lineages = [lineage.map(|one| &one.id), parent.map(|one| &one.id)];
        let is_turned = |gap: &Missing| gap.first < 0 || gap.first > gap.last;
        let wrong = match self {
            _ if self.kind != name.kind => "kind is not that of its name",
            _ if !sums.into_iter().chain(before).all(is_sum) => {
                "SHA-256 is not 64 digits in hexadecimal"
            }
            _ if !is_id(&self.cluster_id) || !is_id(&self.member_id) => {
                "cluster id or member id is no number of 64 bits in hexadecimal"
            }
            _ if !lineages.into_iter().flatten().all(|id| is_lineage_id(id)) => {
                "lineage is not named by 1 to 128 printable characters of ASCII without a space"
            }
            _ if self.gap.as_ref().is_some_and(is_turned) => "gap ends before it begins",
            _ if self.encryption.is_some() && !name.encoding.is_encrypted() => {
                "encryption is that of an object that is not encrypted"
            }
            _ if self.holds.is_some_and(|revision| revision < 0) => "revision is negative",
            _ => return Ok(()),
        };
        Err(MetadataError::Field(wrong))
    }
}

fn is_hex(text: &str, digits: std::ops::RangeInclusive<usize>) -> bool {
    digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// It is shown and typed: whatever would break a line, or nothing at all, is none.
fn is_lineage_id(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_not_set(flag: &bool) -> bool {
    !flag
}

/// Kinds in the words of this project: those of names are the reference's.
mod kind {
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    use crate::backups::name::Kind;

    pub(super) fn serialize<S: Serializer>(kind: &Kind, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(match kind {
            Kind::Full => "full",
            Kind::Delta => "delta",
        })
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Kind, D::Error> {
        match String::deserialize(from)?.as_str() {
            "full" => Ok(Kind::Full),
            "delta" => Ok(Kind::Delta),
            other => Err(Error::custom(format!("kind {other:?}"))),
        }
    }
}
