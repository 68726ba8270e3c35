//! An etcd, asked over gRPC.
//!
//! [`Etcd`] is the port: what is asked, in etcd's own words, with answers that were understood. [`Client`]
//! is its one adapter, over tonic with messages written by hand; no other crate of this workspace knows
//! tonic. `scripted` (by the feature of that name) is a fake for the tests of those who use the port.
#![warn(missing_docs)]

mod answers;
mod config;
mod endpoint;
mod error;
mod grpc;
mod port;
#[cfg(feature = "scripted")]
pub mod scripted;
mod snapshot;
mod tls;
mod tls_fault;
mod transaction;
mod watch;
mod wire;

pub use answers::{
    Alarm, AlarmKind, AuthState, HashKv, Header, KeyPage, KeyValue, LeaseTime, Member, Members,
    Status, Written,
};
pub use config::{Config, Identity, Login, Pace, Retries, Tls, Trust};
pub use endpoint::{Endpoint, NoEndpoint, Scheme};
pub use error::{Error, ErrorKind, Result};
pub use grpc::{Client, MAX_MESSAGE};
pub use port::{Compaction, Etcd, Read, Vote};
pub use secrecy::SecretString;
pub use snapshot::{ClaimedHash, SnapshotFault, SnapshotPiece, SnapshotStream};
pub use tls_fault::TlsFault;
pub use transaction::{KeyChange, KeyRange, Write};
pub use watch::{
    Batch, BatchEnd, Change, Contiguity, Event, Large, Step, WatchFrom, WatchItem, WatchStream,
};
