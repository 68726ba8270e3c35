use super::Header;

/// The hash of a member's keys at a revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HashKv {
    /// Who says so.
    pub header: Header,
    /// The hash (CRC-32C).
    pub hash: u32,
    /// The compaction it was computed with; `None` if there was none. A hash that etcd remembers from a
    /// compaction at the revision asked for was computed with the one *before*.
    pub compact_revision: Option<i64>,
    /// The revision it is of; `None` before 3.6, which does not say so.
    pub hash_revision: Option<i64>,
}
