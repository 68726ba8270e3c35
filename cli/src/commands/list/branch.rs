//! A lineage as a branch of a tree.

use super::view::LineageView;

/// What stands above its chains, and before it. `depth`: how many lineages are shown above it in its tree.
pub(super) fn line(lineage: &LineageView, depth: usize) -> (String, String) {
    let LineageView {
        id,
        cluster_id,
        parent,
        newest,
        ..
    } = lineage;
    let branch = match depth {
        0 => String::new(),
        depth => format!("{}└─ ", "   ".repeat(depth - 1)),
    };
    let left = parent.as_ref().map(|parent| {
        let at = (&parent.id, parent.left_at);
        match parent.proven {
            true => format!(", left {} at revision {}", at.0, at.1),
            false => format!(", left {} at revision {} (not proven)", at.0, at.1),
        }
    });
    let of = cluster_id.as_ref().map(|id| format!(" of cluster {id}"));
    let newest = newest.then_some(", the newest");
    let called = match id.as_str() {
        engine::backups::branches::UNKNOWN => "unknown origin".to_owned(),
        id => format!("lineage {id}"),
    };
    let called = format!(
        "{called}{}{}{}:",
        of.unwrap_or_default(),
        left.unwrap_or_default(),
        newest.unwrap_or_default()
    );
    (branch, called)
}
