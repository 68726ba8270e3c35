use bolt::PageId;
use bolt::stream::{BucketAt, Index, InlineLeaf};

use super::last_events::LastEvent;
use super::leaves::{Leaves, is_of_keys};
use super::marks::Marks;
use crate::Malformed;
use crate::revision::Entry;
use crate::schema::bucket;
use crate::store_state::Compacted;

/// What a database holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holds {
    /// Main revision of the last change: 1 in an empty store.
    pub revision: i64,
    /// What has been compacted.
    pub compaction: Compacted,
    /// Index of the last raft entry applied; 0 when nothing was recorded.
    pub consistent_index: u64,
    /// Its term; recorded since 3.5.
    pub term: Option<u64>,
    /// The `key` bucket as it is.
    pub key_bucket: KeyBucket,
    /// The last change in it; `None` if there is none, if it is no user's, or if it was not kept.
    pub last_event: Option<LastEvent>,
}

/// The `key` bucket as it is, with what a compaction that is under way has yet to remove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyBucket {
    /// CRC-32C over all keys and values as they follow each other, and nothing else: not HashKV, which begins
    /// with the name of the bucket and leaves entries out.
    pub crc32c: u32,
    /// How many bytes that are.
    pub bytes: u64,
    /// Entries: changes, not keys.
    pub entries: u64,
}

/// Why it is not known what a database holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unclear {
    /// Its pages were not understood.
    #[error(transparent)]
    Pages(#[from] bolt::stream::Unclear),
    /// A leaf of the `meta` bucket was not kept, or is none.
    #[error("page {0}, the root of the bucket `meta`, was not understood as it came by")]
    Meta(PageId),
    /// A value of the `meta` bucket is not what it should be.
    #[error("the bucket `meta`: {0}")]
    Mark(Malformed),
    /// A bucket that is kept in its entry is damaged.
    #[error("the bucket `{0}`, which is kept in its entry, is damaged")]
    Inline(&'static str),
    /// More than etcd told.
    #[error(
        "its last revision {revision} is above {highest}, which etcd told after it began to send it"
    )]
    AboveHead {
        /// What stands in it.
        revision: i64,
        /// What etcd told.
        highest: i64,
    },
}

impl Holds {
    pub(super) fn read(index: &Index, leaves: Leaves) -> Result<Self, Unclear> {
        let marks = marks(index, &leaves)?;
        let highest = leaves.highest();
        let (key_bucket, last, last_event) = match index.bucket(bucket::KEY)? {
            None => (KeyBucket::default(), None, None),
            Some(BucketAt::Inline(inline)) => of_inline(&inline)?,
            Some(BucketAt::Page(root)) => {
                let tree = index.tree(root)?;
                let (last, page) = tree.last;
                let key_bucket = KeyBucket {
                    crc32c: tree.crc32c,
                    bytes: tree.bytes,
                    entries: tree.entries,
                };
                (key_bucket, Some(last), leaves.last_events.of(page))
            }
        };
        let revision = last.max(marks.compaction.revision()).unwrap_or(1).max(1);
        if revision > highest {
            return Err(Unclear::AboveHead { revision, highest });
        }
        Ok(Self {
            revision,
            compaction: marks.compaction,
            consistent_index: marks.consistent_index,
            term: marks.term,
            key_bucket,
            last_event,
        })
    }
}

fn marks(index: &Index, leaves: &Leaves) -> Result<Marks, Unclear> {
    let marks = match index.bucket(bucket::META)? {
        None => return Ok(Marks::default()),
        Some(BucketAt::Page(root)) => *leaves.marks(root).ok_or(Unclear::Meta(root))?,
        Some(BucketAt::Inline(inline)) => {
            let leaf = inline.leaf().map_err(|_| Unclear::Inline("meta"))?;
            Marks::read(leaf)
        }
    };
    marks.map_err(Unclear::Mark)
}

fn of_inline(inline: &InlineLeaf) -> Result<(KeyBucket, Option<i64>, Option<LastEvent>), Unclear> {
    let leaf = inline.leaf().map_err(|_| Unclear::Inline("key"))?;
    if !is_of_keys(leaf) {
        return Err(Unclear::Inline("key"));
    }
    let (crc32c, bytes) = leaf.crc32c();
    let key_bucket = KeyBucket {
        crc32c,
        bytes,
        entries: leaf.len() as u64,
    };
    let Some(last) = leaf.len().checked_sub(1) else {
        return Ok((key_bucket, None, None));
    };
    let (key, value) = leaf.entry(last);
    let entry = Entry::parse(key).map_err(|_| Unclear::Inline("key"))?;
    let last_event = LastEvent::read(entry, value);
    Ok((key_bucket, Some(entry.revision.main), last_event))
}
