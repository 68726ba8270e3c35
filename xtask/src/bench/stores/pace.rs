//! What both sides are given: what etcdbrctl takes by itself, and etcd-backup-restore.

/// Bytes of a part.
pub(super) const PART: u64 = 5 << 20;
/// Parts at once.
pub(super) const PARALLEL: usize = 5;
