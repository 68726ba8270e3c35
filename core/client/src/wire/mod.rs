//! etcd's messages, as far as they are used here, written by hand: field numbers and types of
//! `api/etcdserverpb/rpc.proto`, `api/mvccpb/kv.proto` and `api/authpb/auth.proto` (etcd release-3.4 to
//! 3.7, where they are the same; what a version does not know it leaves at zero).
//!
//! Payloads are `Bytes`: slices of what came from the network, not copies of it.

pub(crate) mod auth;
pub(crate) mod cluster;
mod header;
pub(crate) mod kv;
pub(crate) mod lease;
pub(crate) mod maintenance;
pub(crate) mod txn;
pub(crate) mod watch;

pub(crate) use header::{Headed, ResponseHeader};
