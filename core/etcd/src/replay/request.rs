//! What a normal entry of the raft log asks for (api/etcdserverpb/raft_internal.proto, and for
//! entries of 3.4 and 3.5 that still speak the protocol of etcd 2, etcdserver.proto).

use prost::Message;

use crate::Malformed;
use crate::wire::{Fields, Value};

use super::auth_request::AuthRequest;
use super::kind::Kind;
use super::kv_request::{DeleteRange, Put, Txn};
use super::legacy;
use super::message::message;

/// A request, with who made it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request<'a> {
    pub(crate) header: Option<Header<'a>>,
    pub(crate) kind: Kind<'a>,
}

/// Who made a request, as known when it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Header<'a> {
    pub(crate) username: &'a [u8],
    pub(crate) auth_revision: u64,
}

#[derive(Clone, PartialEq, Message)]
struct VersionSet {
    #[prost(string, tag = "1")]
    version: String,
}

#[derive(Clone, PartialEq, Message)]
struct DowngradeSet {
    #[prost(bool, tag = "1")]
    enabled: bool,
    #[prost(string, tag = "2")]
    version: String,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct Numbers {
    #[prost(int64, tag = "1")]
    first: i64,
    #[prost(int64, tag = "2")]
    second: i64,
}

impl<'a> Request<'a> {
    /// Decodes what an entry carries, which must not be empty.
    pub(crate) fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        // As etcd does it: what cannot be a request of today may be one of etcd 2.
        Self::decode_internal(bytes).or_else(|malformed| {
            let legacy = legacy::decode(bytes).ok_or(malformed)?;
            Ok(Self {
                header: None,
                kind: legacy,
            })
        })
    }

    /// Without what etcd 2 has asked for in its own way.
    pub(super) fn decode_internal(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut request = Self {
            header: None,
            kind: Kind::Unknown { field: 0 },
        };
        let mut fields = Fields::new("InternalRaftRequest", bytes);
        loop {
            let start = fields.offset();
            let Some((number, value)) = fields.next()? else {
                return Ok(request);
            };
            match (number, value) {
                (1, Value::Varint(_)) => {}
                (100, Value::Bytes(header)) => request.header = Some(Header::decode(header)?),
                (_, Value::Bytes(body)) => {
                    if request.kind != (Kind::Unknown { field: 0 }) {
                        return Err(fields.malformed("holds two requests", start));
                    }
                    request.kind = Kind::decode(number, body)?;
                }
                _ => return Err(fields.malformed("wrong wire type", start)),
            }
        }
    }

    /// Whether it can make a revision: each entry makes at most one.
    pub(crate) fn may_write(&self) -> bool {
        match &self.kind {
            Kind::Put(_) | Kind::DeleteRange(_) | Kind::LeaseRevoke { .. } => true,
            Kind::Unknown { .. } => true,
            Kind::Txn(txn) => !txn.is_read_only(),
            _ => false,
        }
    }
}

impl<'a> Header<'a> {
    fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut header = Self::default();
        let mut fields = Fields::new("RequestHeader", bytes);
        while let Some(field) = fields.next()? {
            match field {
                (2, Value::Bytes(username)) => header.username = username,
                (3, Value::Varint(revision)) => header.auth_revision = revision,
                (1, Value::Varint(_)) => {}
                (1..=3, _) => return Err(fields.malformed("wrong wire type", fields.offset())),
                _ => {}
            }
        }
        Ok(header)
    }
}

impl<'a> Kind<'a> {
    fn decode(number: u64, body: &'a [u8]) -> Result<Self, Malformed> {
        Ok(match number {
            2 => legacy::decode(body).ok_or(Malformed {
                what: "InternalRaftRequest",
                why: "field 2 is no request of etcd 2",
                offset: 0,
            })?,
            4 => Self::Put(Put::decode(body)?),
            5 => Self::DeleteRange(DeleteRange::decode(body)?),
            6 => Self::Txn(Txn::decode(body)?),
            7 => Self::Compaction {
                revision: message::<Numbers>("CompactionRequest", body)?.first,
            },
            8 => {
                let Numbers { first, second } = message("LeaseGrantRequest", body)?;
                Self::LeaseGrant {
                    id: second,
                    ttl: first,
                }
            }
            9 => Self::LeaseRevoke {
                id: message::<Numbers>("LeaseRevokeRequest", body)?.first,
            },
            10 => Self::Alarm(message("AlarmRequest", body)?),
            11 => Self::LeaseCheckpoint(message("LeaseCheckpointRequest", body)?),
            1300 => Self::ClusterVersion(message::<VersionSet>("version request", body)?.version),
            1301 => Self::MemberAttributes(message("attributes request", body)?),
            1302 => {
                let DowngradeSet { enabled, version } = message("downgrade request", body)?;
                Self::Downgrade { enabled, version }
            }
            // Range, login, and questions about users and roles; 9900 is a test's.
            3 | 1012 | 1013 | 1102 | 1106 | 1107 | 1202 | 9900 => Self::Nothing,
            _ => match AuthRequest::decode(number, body)? {
                Some(request) => Self::Auth(request),
                None => Self::Unknown { field: number },
            },
        })
    }
}
