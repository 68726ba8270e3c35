//! What the tests of this workspace stand on: real etcds, where to get them and how to talk to
//! them, and backups written the way the reference writes them.

pub mod backup;
pub mod etcd;
pub mod history;
pub mod oracles;
pub mod restore;
