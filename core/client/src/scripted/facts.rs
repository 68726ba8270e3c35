use std::collections::BTreeMap;

use bytes::Bytes;

use crate::answers::{
    Alarm, AuthState, HashKv, Header, KeyValue, LeaseTime, Members, Status, Written,
};
use crate::error::{Error, ErrorKind, Result};

/// What the fake answers, until a test changes it.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Who answers, and the newest revision: of a read that the members agree on.
    pub head: Header,
    /// How far the member that is asked is behind that: revisions.
    pub lag: i64,
    /// The last compaction.
    pub compacted: Option<i64>,
    /// What a member says of itself; its header is that of `head`.
    pub status: Status,
    /// The members; the header is that of `head`.
    pub members: Members,
    /// Keys at revisions; what is not here did not exist.
    pub keys: BTreeMap<(Bytes, i64), KeyValue>,
    /// What becomes of a transaction; where nothing is said it is refused.
    pub written: Option<Written>,
    /// Hashes by revision.
    pub hashes: BTreeMap<i64, HashKv>,
    /// Leases.
    pub leases: BTreeMap<i64, LeaseTime>,
    /// Users.
    pub auth: AuthState,
    /// Alarms that are raised.
    pub alarms: Vec<Alarm>,
}

impl Default for Facts {
    /// An empty etcd of one member.
    fn default() -> Self {
        Self {
            head: Header {
                cluster_id: 0xc1,
                member_id: 0xa1,
                revision: 1,
                raft_term: 2,
            },
            lag: 0,
            compacted: None,
            status: Status {
                version: "3.6.0".to_owned(),
                leader: Some(0xa1),
                ..Status::default()
            },
            members: Members::default(),
            keys: BTreeMap::new(),
            written: None,
            hashes: BTreeMap::new(),
            leases: BTreeMap::new(),
            auth: AuthState::NotTold,
            alarms: Vec::new(),
        }
    }
}

impl Facts {
    /// What the member that is asked has applied.
    pub(super) fn local(&self) -> Header {
        Header {
            revision: self.head.revision.saturating_sub(self.lag),
            ..self.head
        }
    }

    /// Whether `revision` is one that can be asked for; 0 is the newest.
    pub(super) fn within(&self, operation: &'static str, of: Header, revision: i64) -> Result<()> {
        let compacted = revision != 0 && self.compacted.is_some_and(|last| revision < last);
        match revision > of.revision {
            true => Err(Error::new(ErrorKind::Future, operation, "scripted")),
            false if compacted => Err(Error::new(ErrorKind::Compacted, operation, "scripted")),
            false => Ok(()),
        }
    }
}
