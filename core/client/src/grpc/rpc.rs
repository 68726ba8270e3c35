//! The calls: their names, and what may be done when one fails.

/// Whether a call may be made a second time when nobody knows what came of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    /// It only reads.
    Yes,
    /// It changes something: only if nothing was sent.
    IfNotSent,
}

/// How long an answer may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// As long as an answer may take.
    Answer,
    /// As long as it takes.
    Unbounded,
}

/// A call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rpc {
    /// What was asked, in words that stand before "at ENDPOINT: why" in an error.
    pub(super) name: &'static str,
    /// What etcd names.
    pub(super) path: &'static str,
    pub(super) again: Again,
    pub(super) wait: Wait,
}

const fn reads(name: &'static str, path: &'static str) -> Rpc {
    Rpc {
        name,
        path,
        again: Again::Yes,
        wait: Wait::Answer,
    }
}

const fn writes(name: &'static str, path: &'static str) -> Rpc {
    Rpc {
        name,
        path,
        again: Again::IfNotSent,
        wait: Wait::Answer,
    }
}

pub(super) const RANGE: Rpc = reads("read keys", "/etcdserverpb.KV/Range");
pub(super) const TXN: Rpc = writes("write keys", "/etcdserverpb.KV/Txn");
pub(super) const COMPACT: Rpc = writes("compact", "/etcdserverpb.KV/Compact");
pub(super) const WATCH: Rpc = reads("watch", "/etcdserverpb.Watch/Watch");
pub(super) const LEASES: Rpc = reads("list leases", "/etcdserverpb.Lease/LeaseLeases");
pub(super) const LEASE_TIME: Rpc = reads("read a lease", "/etcdserverpb.Lease/LeaseTimeToLive");
pub(super) const MEMBERS: Rpc = reads("list members", "/etcdserverpb.Cluster/MemberList");
pub(super) const ADD: Rpc = writes("add a member", "/etcdserverpb.Cluster/MemberAdd");
pub(super) const REMOVE: Rpc = writes("remove a member", "/etcdserverpb.Cluster/MemberRemove");
pub(super) const UPDATE: Rpc = writes("update a member", "/etcdserverpb.Cluster/MemberUpdate");
pub(super) const PROMOTE: Rpc = writes("promote a member", "/etcdserverpb.Cluster/MemberPromote");
pub(super) const STATUS: Rpc = reads("ask for the status", "/etcdserverpb.Maintenance/Status");
pub(super) const SNAPSHOT: Rpc = reads("read a snapshot", "/etcdserverpb.Maintenance/Snapshot");
pub(super) const ALARMS: Rpc = reads("list alarms", "/etcdserverpb.Maintenance/Alarm");
pub(super) const DISARM: Rpc = writes("disarm an alarm", "/etcdserverpb.Maintenance/Alarm");
pub(super) const MOVE_LEADER: Rpc =
    writes("move the leader", "/etcdserverpb.Maintenance/MoveLeader");
/// Scans the database, of gigabytes at a gigabyte or two a second.
pub(super) const HASH_KV: Rpc = Rpc {
    wait: Wait::Unbounded,
    ..reads(
        "ask for a hash of the keys",
        "/etcdserverpb.Maintenance/HashKV",
    )
};
pub(super) const DEFRAGMENT: Rpc = Rpc {
    wait: Wait::Unbounded,
    ..writes("defragment", "/etcdserverpb.Maintenance/Defragment")
};
/// With `physical` etcd answers when old revisions are gone.
pub(super) const COMPACT_PHYSICALLY: Rpc = Rpc {
    wait: Wait::Unbounded,
    ..COMPACT
};
pub(super) const AUTHENTICATE: Rpc = reads("log in", "/etcdserverpb.Auth/Authenticate");
pub(super) const AUTH_STATUS: Rpc = reads(
    "ask whether users are checked",
    "/etcdserverpb.Auth/AuthStatus",
);
