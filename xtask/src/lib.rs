//! What the tests of this workspace stand on: real etcds and real object stores, where to get them
//! and how to talk to them, and backups written the way the reference writes them.

pub mod backup;
mod cache;
pub mod cargo_deny;
pub mod emulators;
pub mod etcd;
pub mod history;
pub mod oracles;
pub mod patience;
mod port;
mod program;
pub mod replay;
pub mod restore;
