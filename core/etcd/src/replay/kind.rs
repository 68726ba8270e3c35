//! The kinds of requests, and what they say.

use prost::Message;

use super::auth_request::AuthRequest;
use super::kv_request::{DeleteRange, Put, Txn};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind<'a> {
    Put(Put<'a>),
    DeleteRange(DeleteRange<'a>),
    Txn(Txn<'a>),
    Compaction {
        revision: i64,
    },
    LeaseGrant {
        id: i64,
        ttl: i64,
    },
    LeaseRevoke {
        id: i64,
    },
    LeaseCheckpoint(LeaseCheckpointRequest),
    Alarm(AlarmRequest),
    Auth(AuthRequest),
    ClusterVersion(String),
    MemberAttributes(MemberAttributes),
    /// Whether a downgrade goes on, and to which version.
    Downgrade {
        enabled: bool,
        version: String,
    },
    /// Reads, logins and tests, which change nothing; and what etcd 2 left behind.
    Nothing,
    /// Nothing that this program knows: the number of the field, 0 when there is none.
    Unknown {
        field: u64,
    },
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct LeaseCheckpointRequest {
    #[prost(message, repeated, tag = "1")]
    pub(crate) checkpoints: Vec<LeaseCheckpoint>,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct LeaseCheckpoint {
    #[prost(int64, tag = "1")]
    pub(crate) id: i64,
    #[prost(int64, tag = "2")]
    pub(crate) remaining_ttl: i64,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(crate) struct AlarmRequest {
    /// 0 asks, 1 raises, 2 disarms.
    #[prost(int32, tag = "1")]
    pub(crate) action: i32,
    #[prost(uint64, tag = "2")]
    pub(crate) member: u64,
    /// See [`super::Alarm`].
    #[prost(int32, tag = "3")]
    pub(crate) alarm: i32,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct MemberAttributes {
    #[prost(uint64, tag = "1")]
    pub(crate) member: u64,
    #[prost(message, optional, tag = "2")]
    pub(crate) attributes: Option<Attributes>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Attributes {
    #[prost(string, tag = "1")]
    pub(crate) name: String,
    #[prost(string, repeated, tag = "2")]
    pub(crate) client_urls: Vec<String>,
}

impl Kind<'_> {
    /// For an operator: what stopped a replay.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Put(_) => "put",
            Self::DeleteRange(_) => "delete range",
            Self::Txn(_) => "transaction",
            Self::Compaction { .. } => "compaction",
            Self::LeaseGrant { .. } => "lease grant",
            Self::LeaseRevoke { .. } => "lease revoke",
            Self::LeaseCheckpoint(_) => "lease checkpoint",
            Self::Alarm(_) => "alarm",
            Self::Auth(_) => "change of users or roles",
            Self::ClusterVersion(_) => "cluster version",
            Self::MemberAttributes(_) => "member attributes",
            Self::Downgrade { .. } => "downgrade",
            Self::Nothing => "read",
            Self::Unknown { .. } => "unknown request",
        }
    }
}
