use bolt::stream::Leaf;

use crate::Malformed;
use crate::revision::Revision;
use crate::schema::meta;
use crate::store_state::Compacted;

/// What the `meta` bucket says of a store, as [`StoreState`](crate::store_state::StoreState) reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Marks {
    pub(super) consistent_index: u64,
    pub(super) term: Option<u64>,
    pub(super) compaction: Compacted,
}

impl Marks {
    pub(super) fn read(leaf: Leaf<'_>) -> Result<Self, Malformed> {
        let mut marks = Self::default();
        for (key, value) in leaf.entries() {
            match key {
                meta::CONSISTENT_INDEX => marks.consistent_index = number(value)?,
                meta::TERM => marks.term = Some(number(value)?),
                meta::FINISHED_COMPACTION => {
                    marks.compaction.finished = Some(Revision::parse(value)?.main);
                }
                meta::SCHEDULED_COMPACTION => {
                    let main = Revision::parse(value)?.main;
                    // Begun at 0 it is none to an etcd that starts.
                    marks.compaction.scheduled = Some(main).filter(|main| *main != 0);
                }
                _ => {}
            }
        }
        Ok(marks)
    }
}

fn number(bytes: &[u8]) -> Result<u64, Malformed> {
    let malformed = |_| Malformed {
        what: "number",
        why: "is not 8 bytes long",
        offset: 0,
    };
    bytes.try_into().map(u64::from_be_bytes).map_err(malformed)
}
