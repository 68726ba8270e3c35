//! The leases of Kubernetes by which etcd-druid sees members and backups: what is written into them, and how.
//!
//! | lease | holder | renewed at |
//! |---|---|---|
//! | of a member | `MEMBER:CLUSTER:Leader`, or `…:Member`; ids in hexadecimal | now, as long as its etcd answers |
//! | of the newest full | the revision of its name | the time of its name |
//! | of the newest delta | its last revision; 0 where there was none | until when the store holds all that etcd had |
//!
//! Source: etcd-druid 0.37 (`internal/health/etcdmember`, `internal/health/condition`) reads them, etcd-backup-restore
//! 0.44 (`pkg/health/heartbeat`) writes them. They are there before: who renews them may get and patch them, and not create any.
//!
//! [`content`] decides, without I/O. [`Leases`] is the port, [`InCluster`] what speaks to the API of the cluster.

pub mod content;

mod api;
mod error;
mod in_cluster;
mod lease;
mod leases;
mod renew;
mod service_account;

pub use error::{Error, ErrorKind, Result};
pub use in_cluster::InCluster;
pub use lease::{Lease, Renewal};
pub use leases::Leases;
pub use renew::{Renewed, renew};
pub use service_account::{ApiServer, ServiceAccount};
