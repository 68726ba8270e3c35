//! What the tests of this workspace stand on: real etcds and real object stores, where to get them
//! and how to talk to them; network namespaces to run them in; servers that fail on demand; random histories, and
//! [`synthetic`] ones; and backups written the way etcd-backup-restore writes them.
//!
//! Servers of its own ([`oss`], [`proxy`], [`stub`]) come with the feature `servers`; the stores
//! of this repository on all of these servers ([`stores`]) with the feature `stores`; a store of which single
//! calls go otherwise ([`hooks`]) with the feature `hooks`.

pub mod acknowledged;
pub mod backup;
pub mod browser;
pub mod cache;
#[cfg(feature = "servers")]
pub mod disk;
pub mod emulators;
pub mod etcd;
pub mod helm;
pub mod history;
#[cfg(feature = "hooks")]
pub mod hooks;
#[cfg(feature = "kube")]
pub mod kube;
#[cfg(feature = "servers")]
mod loopback;
mod memory;
pub mod mutated;
pub mod network;
pub mod oracles;
#[cfg(feature = "servers")]
pub mod oss;
pub mod port;
pub mod program;
#[cfg(feature = "servers")]
pub mod proxy;
pub mod replay;
pub mod restore;
pub mod sources;
#[cfg(feature = "stores")]
pub mod stores;
#[cfg(feature = "servers")]
pub mod stub;
pub mod synthetic;
pub mod wait;
