//! Names in etcd's database (server/mvcc/buckets, server/storage/schema).

/// Names of the buckets.
pub mod bucket {
    /// Every change to every user key, see [`crate::revision`] and [`crate::mvcc`].
    pub const KEY: &[u8] = b"key";
    /// Where the store stands; see [`super::meta`].
    pub const META: &[u8] = b"meta";
    /// See [`crate::lease`].
    pub const LEASE: &[u8] = b"lease";
    /// Raised alarms.
    pub const ALARM: &[u8] = b"alarm";
    /// Whether users are checked; see [`super::auth`].
    pub const AUTH: &[u8] = b"auth";
    /// See [`crate::authpb::User`].
    pub const AUTH_USERS: &[u8] = b"authUsers";
    /// See [`crate::authpb::Role`].
    pub const AUTH_ROLES: &[u8] = b"authRoles";
    /// See [`crate::membership::StoredMember`].
    pub const MEMBERS: &[u8] = b"members";
    /// Ids that may never come back.
    pub const MEMBERS_REMOVED: &[u8] = b"members_removed";
    /// Version of the cluster; see [`super::cluster`].
    pub const CLUSTER: &[u8] = b"cluster";
}

/// Keys of the `meta` bucket.
pub mod meta {
    /// Index of the last applied raft entry, u64 big-endian.
    pub const CONSISTENT_INDEX: &[u8] = b"consistent_index";
    /// Its term, u64 big-endian. Since 3.5.
    pub const TERM: &[u8] = b"term";
    /// JSON of the members at the last applied entry. Since 3.5.
    pub const CONF_STATE: &[u8] = b"confState";
    /// Revision up to which a compaction was begun, 17 bytes.
    pub const SCHEDULED_COMPACTION: &[u8] = b"scheduledCompactRev";
    /// Revision up to which one was completed, 17 bytes.
    pub const FINISHED_COMPACTION: &[u8] = b"finishedCompactRev";
    /// Version of this layout, text. Since 3.6.
    pub const STORAGE_VERSION: &[u8] = b"storageVersion";
}

/// Keys of the `auth` bucket.
pub mod auth {
    /// One byte, 1 when users are checked.
    pub const ENABLED: &[u8] = b"authEnabled";
    /// Counts the changes of users and roles, u64 big-endian.
    pub const REVISION: &[u8] = b"authRevision";
}

/// Keys of the `cluster` bucket.
pub mod cluster {
    /// The lowest version among the members, text.
    pub const VERSION: &[u8] = b"clusterVersion";
    /// JSON of the downgrade that goes on.
    pub const DOWNGRADE: &[u8] = b"downgrade";
}
