//! What a data directory needs, besides the keys, for a restored member to start in a new
//! cluster: as `etcdutl snapshot restore` does, the cluster begins its raft log anew with one
//! entry per member, all applied already.
//!
//! Each etcd version reads membership from another place, so all of them are written: the
//! `members` bucket (3.6, 3.7), the `.snap` file (3.4, 3.5), the conf state and the term.
//! Buckets not named here stay as the backup has them, `cluster` and `auth` among them.

use std::collections::BTreeMap;

use prost::Message;
use serde::Serialize;

use crate::go_json;
use crate::membership::{Cluster, Member, StoredMember};
use crate::raft_snapshot::{self, SnapshotName};
use crate::raftpb::{
    ConfChange, ConfChangeType, ConfState, Entry, EntryType, HardState, Snapshot, SnapshotMetadata,
};
use crate::schema::meta;
use crate::wal::{Metadata, SegmentName, SnapshotRecord, Writer};

const TERM: u64 = 1;

/// The membership of a restored member, in all places. Equal on every member of the cluster
/// except [`FreshStart::wal`], whose metadata names the member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreshStart {
    /// The whole content of the `members` bucket. That of `members_removed` is nothing.
    pub members: BTreeMap<Vec<u8>, Vec<u8>>,
    /// What changes in the `meta` bucket; its other entries stay. The consistent index must
    /// equal the commit index in the log, or etcd skips writes that it acknowledged.
    pub meta: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The name of the only file of the log.
    pub wal_name: SegmentName,
    /// Its bytes.
    pub wal: Vec<u8>,
    /// The name of the raft snapshot.
    pub snapshot_name: SnapshotName,
    /// Its bytes.
    pub snapshot: Vec<u8>,
}

impl FreshStart {
    /// The start of `local`, which is one of the members of `cluster`.
    pub fn new(cluster: &Cluster, local: &Member) -> Self {
        let members: Vec<StoredMember> = cluster.members().iter().map(Into::into).collect();
        // One entry per member, so the last index is their count.
        let index = members.len() as u64;
        let conf_state = conf_state(cluster);
        Self {
            meta: meta_changes(index, &conf_state),
            wal_name: SegmentName::default(),
            wal: wal(cluster, local, &members, &conf_state),
            snapshot_name: SnapshotName { term: TERM, index },
            snapshot: raft_snapshot::encode(&Snapshot {
                data: Some(raft_snapshot::bootstrap_json(cluster.members()).into_bytes()),
                metadata: SnapshotMetadata {
                    conf_state,
                    index,
                    term: TERM,
                },
            }),
            members: members
                .iter()
                .map(|member| (member.key(), member.to_json().into()))
                .collect(),
        }
    }
}

fn conf_state(cluster: &Cluster) -> ConfState {
    let voters = cluster.members().iter().map(|member| member.id.0).collect();
    ConfState {
        voters,
        ..ConfState::default()
    }
}

/// `etcdutl` leaves the conf state of the old cluster in place; it is stale from the first
/// moment, so the new one is written.
fn meta_changes(index: u64, conf_state: &ConfState) -> BTreeMap<Vec<u8>, Vec<u8>> {
    #[derive(Serialize)]
    struct Json<'a> {
        voters: &'a [u64],
        auto_leave: bool,
    }
    let json = Json {
        voters: &conf_state.voters,
        auto_leave: conf_state.auto_leave,
    };
    BTreeMap::from([
        (
            meta::CONSISTENT_INDEX.to_vec(),
            index.to_be_bytes().to_vec(),
        ),
        (meta::TERM.to_vec(), TERM.to_be_bytes().to_vec()),
        (
            meta::CONF_STATE.to_vec(),
            go_json::to_string(&json).into_bytes(),
        ),
    ])
}

fn wal(
    cluster: &Cluster,
    local: &Member,
    members: &[StoredMember],
    conf_state: &ConfState,
) -> Vec<u8> {
    let commit = members.len() as u64;
    let mut writer = Writer::new(0);
    writer.metadata(&Metadata {
        node_id: local.id.0,
        cluster_id: cluster.id().0,
    });
    writer.snapshot(&SnapshotRecord::default());
    for (index, member) in (1..).zip(members) {
        writer.entry(&addition(index, member));
    }
    // Every member voted for the same one, the lowest: there was no election.
    let vote = members.first().map_or(0, |member| member.id.0);
    writer.hard_state(&HardState {
        term: TERM,
        vote,
        commit,
    });
    writer.snapshot(&SnapshotRecord {
        index: commit,
        term: TERM,
        conf_state: Some(conf_state.clone()),
    });
    writer.finish()
}

fn addition(index: u64, member: &StoredMember) -> Entry {
    let change = ConfChange {
        id: 0,
        change_type: ConfChangeType::AddNode.into(),
        node_id: member.id.0,
        context: Some(member.to_json().into_bytes()),
    };
    Entry {
        entry_type: EntryType::ConfChange.into(),
        term: TERM,
        index,
        data: Some(change.encode_to_vec()),
    }
}
