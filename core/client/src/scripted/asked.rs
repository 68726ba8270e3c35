use bytes::Bytes;

use crate::answers::Alarm;
use crate::port::{Compaction, Read, Vote};
use crate::transaction::{KeyRange, Write};
use crate::watch::WatchFrom;

/// What the fake was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are the methods of the port")]
pub enum Asked {
    Status,
    Members(Read),
    Head(Read),
    KeyAt(Bytes, i64, Read),
    CountAt(i64, Read),
    KeysAt(KeyRange, i64, u32),
    Write(Vec<Write>),
    Snapshot,
    Watch(WatchFrom),
    Compacted,
    HashKv(i64),
    Leases,
    LeaseTime(i64),
    Auth,
    Alarms,
    Disarm(Alarm),
    Compact(i64, Compaction),
    Defragment,
    MoveLeader(u64),
    AddMember(Vec<String>, Vote),
    RemoveMember(u64),
    UpdateMember(u64, Vec<String>),
    PromoteMember(u64),
    /// A snapshot was dropped before its end.
    SnapshotDropped,
    /// A watch was dropped before it was canceled or failed.
    WatchDropped,
}
