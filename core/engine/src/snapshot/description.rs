//! What is known of a snapshot that was taken, as its metadata says it.

use jiff::Timestamp;

use super::deltas::Witness;
use super::full::TakenFull;
use super::stored_delta::ClosedDelta;
use crate::backups::SnapshotName;
use crate::backups::metadata::{
    self, Beside, Encryption, Lineage, Metadata, MetadataError, Missing, Previous, RaftLog,
};

/// What surrounds a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// The history that it belongs to, if it has a name.
    pub lineage: Option<Lineage>,
    /// The cluster and the member that were asked.
    pub asked: client::Header,
    /// The version of that member, where it tells.
    pub etcd_version: Option<String>,
    /// What events do not carry, as it was when the snapshot was begun.
    pub beside: Option<Beside>,
    /// The object written before it, if it continues one.
    pub previous: Option<Previous>,
    /// What no object before it holds.
    pub gap: Option<Missing>,
    /// Name and version of the program.
    pub tool: String,
}

/// The metadata of a full.
///
/// Errors: those of a name, or of a document that would be refused when it is read.
pub fn of_full(full: &TakenFull, around: &Surroundings) -> Result<Metadata, MetadataError> {
    let mut metadata = common(&full.name, around)?;
    metadata.raw_bytes = Some(full.raw_size);
    metadata.raw_sha256 = Some(hex::encode(full.database_sha256));
    metadata.stored_bytes = Some(full.stored_size);
    metadata.stored_sha256 = Some(hex::encode(full.stored_sha256));
    metadata.encryption = full.encrypted_with.as_ref().map(Encryption::with);
    let Ok(holds) = &full.holds else {
        return checked(metadata);
    };
    metadata.note_content(holds);
    metadata.raft = Some(RaftLog {
        index: holds.consistent_index,
        term: full.opened.head.raft_term,
    });
    checked(metadata)
}

/// The metadata of a delta.
///
/// Errors: as [`of_full`].
pub fn of_delta(delta: &ClosedDelta, around: &Surroundings) -> Result<Metadata, MetadataError> {
    let mut metadata = common(&delta.name, around)?;
    metadata.raw_bytes = Some(delta.json + delta.json_sha256.len() as u64);
    metadata.raw_sha256 = Some(hex::encode(delta.json_sha256));
    metadata.stored_bytes = Some(delta.object.len() as u64);
    metadata.stored_sha256 = Some(hex::encode(delta.stored_sha256));
    metadata.encryption = delta
        .encrypted_with
        .as_ref()
        .map(|key| Encryption::with(key.id()));
    metadata.witness = delta.witness.as_ref().and_then(|witness| {
        Some(metadata::Witness {
            key: metadata::Witness::key_of(&witness.key)?,
            mod_revision: witness.mod_revision,
            create_revision: witness.put.map_or(0, |put| put.create_revision),
            version: witness.put.map_or(0, |put| put.version),
            deleted: witness.put.is_none(),
        })
    });
    checked(metadata)
}

fn common(name: &SnapshotName, around: &Surroundings) -> Result<Metadata, MetadataError> {
    let mut metadata = Metadata::of(&name.to_string())?;
    metadata.created = Timestamp::from_second(name.created).ok();
    metadata.lineage.clone_from(&around.lineage);
    metadata.cluster_id = Some(format!("{:x}", around.asked.cluster_id));
    metadata.member_id = Some(format!("{:x}", around.asked.member_id));
    metadata.etcd_version.clone_from(&around.etcd_version);
    metadata.beside.clone_from(&around.beside);
    metadata.previous.clone_from(&around.previous);
    metadata.gap = around.gap;
    metadata.tool = Some(around.tool.clone());
    Ok(metadata)
}

/// What would be refused when it is read is not written.
fn checked(metadata: Metadata) -> Result<Metadata, MetadataError> {
    Metadata::parse(&metadata.to_json()?)
}

/// The witness that metadata names: `None` where it names none.
pub fn witness_of(metadata: &Metadata) -> Option<Witness> {
    let named = metadata.witness.as_ref()?;
    let put = (!named.deleted).then_some(super::deltas::Generation {
        create_revision: named.create_revision,
        version: named.version,
    });
    Some(Witness {
        key: named.key_bytes()?.into(),
        mod_revision: named.mod_revision,
        put,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::Compression;
    use crate::backups::delta::{DeltaWriter, NewEvent, NewValue};
    use crate::backups::encoder::Level;
    use crate::backups::storing::Proof;
    use crate::snapshot::deltas::Generation;
    use crate::snapshot::full::Opened;
    use client::{Endpoint, Header, Scheme};
    use etcd::passing::{Holds, LastEvent};
    use etcd::revision::Revision;
    use etcd::store_state::Compacted;

    fn around() -> Surroundings {
        Surroundings {
            lineage: Some(Lineage {
                id: "a1".to_owned(),
                parent: None,
            }),
            asked: Header {
                cluster_id: 0xa747_9b92_7d3f_a49c,
                member_id: 7,
                revision: 44,
                raft_term: 2,
            },
            etcd_version: Some("3.6.16".to_owned()),
            beside: Some(Beside {
                auth_revision: Some(3),
                members: Some("ab".repeat(32)),
                storage_version: None,
            }),
            previous: None,
            gap: Some(Missing {
                first: 21,
                last: 40,
            }),
            tool: "etcdbrctl 0.1.0".to_owned(),
        }
    }

    fn full() -> TakenFull {
        let name = SnapshotName::parse("Full-00000000-00000040-1795338849.gz").unwrap();
        TakenFull {
            key: snapstore::Key::new(format!("v2/{name}")).unwrap(),
            name,
            stored_size: 1000,
            stored_sha256: [1; 32],
            raw_size: 20_512,
            database_sha256: [0xab; 32],
            storage_version: None,
            opened: Opened {
                head: around().asked,
                endpoint: Endpoint::parse("http://127.0.0.1:2379", Scheme::Clear).unwrap(),
                size: 20_480,
            },
            holds: Ok(Holds {
                revision: 43,
                compaction: Compacted {
                    scheduled: Some(30),
                    finished: None,
                },
                consistent_index: 99,
                term: Some(2),
                key_bucket: etcd::passing::KeyBucket {
                    crc32c: 5,
                    bytes: 600,
                    entries: 12,
                },
                last_event: Some(LastEvent {
                    key: b"a\xff".to_vec(),
                    revision: Revision::new(43, 0),
                    create_revision: 7,
                    version: 3,
                    value_crc32c: Some(1),
                }),
            }),
            encrypted_with: None,
            proof: Proof::Size,
        }
    }

    /// A full holds more than its name says: who starts again by the name alone lets a delta end below that, and
    /// etcd-backup-restore cannot apply it.
    #[test]
    fn what_a_full_holds_is_found_again() {
        let metadata = of_full(&full(), &around()).unwrap();
        let read = Metadata::parse(&metadata.to_json().unwrap()).unwrap();
        assert_eq!(read, metadata);
        assert_eq!(read.cluster_id.as_deref(), Some("a7479b927d3fa49c"));
        assert_eq!(read.raw_sha256.as_deref(), Some("ab".repeat(32).as_str()));
        assert_eq!((full().name.last, read.holds), (40, Some(43)));
        let witness = witness_of(&read).unwrap();
        assert_eq!((&*witness.key, witness.mod_revision), (&b"a\xff"[..], 43));
        let put = witness.put.unwrap();
        assert_eq!((put.create_revision, put.version), (7, 3));
    }

    /// What was not understood is not known: neither the revision of the name nor none.
    #[test]
    fn a_full_whose_pages_were_not_understood_says_nothing_of_them() {
        let unclear = TakenFull {
            holds: Err(etcd::passing::Unclear::Inline("key")),
            ..full()
        };
        let metadata = of_full(&unclear, &around()).unwrap();
        assert_eq!((metadata.holds, &metadata.witness), (None, &None));
        assert_eq!(metadata.stored_bytes, Some(1000));
        assert_eq!(witness_of(&metadata), None);
    }

    #[test]
    fn a_delta_is_proven_by_its_last_event() {
        let mut writer = DeltaWriter::new(Compression::Gzip, Level::default());
        let event = NewEvent {
            key: b"a",
            mod_revision: 45,
            put: Some(NewValue {
                value: b"1",
                create_revision: 45,
                version: 1,
                lease: 0,
                lease_ttl: None,
            }),
            time: Timestamp::UNIX_EPOCH,
        };
        writer.event(&event).unwrap();
        let content = writer.finish().unwrap();
        let name = SnapshotName::parse("Incr-00000045-00000045-1795338850.gz").unwrap();
        for put in [
            None,
            Some(Generation {
                create_revision: 45,
                version: 1,
            }),
        ] {
            let witness = Witness {
                key: b"a".to_vec().into(),
                mod_revision: 45,
                put,
            };
            let delta = ClosedDelta::new(name.clone(), content.clone(), Some(witness));
            let metadata = of_delta(&delta, &around()).unwrap();
            assert_eq!(witness_of(&metadata), delta.witness);
            assert_eq!(metadata.stored_bytes, Some(content.object.len() as u64));
        }
    }
}
