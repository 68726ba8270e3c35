//! The lineage that a state was taken from, in words.

use engine::backups::branches::Taken;
use engine::size::counted;

/// Which, whether it is the newest, and how many others there are.
pub(super) fn lineage(taken: &Taken) -> String {
    let Taken { id, others, .. } = taken;
    let of = taken.cluster_id.as_ref();
    let of = of.map_or(String::new(), |cluster| format!(" of cluster {cluster}"));
    match (others.len(), taken.newest) {
        (0, _) => format!("{id}{of}"),
        (more, newest) => {
            let which = if newest {
                "the newest"
            } else {
                "not the newest"
            };
            let more = counted(more, "other", "others");
            format!(
                "{id}{of}, {which}; {more} in the store: {}",
                others.join(", ")
            )
        }
    }
}
