//! Takes backups of an etcd that runs: fulls and deltas, as etcd-backup-restore takes them.

pub mod deltas;
pub mod description;
pub mod full;
pub mod machine;
