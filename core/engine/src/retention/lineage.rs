//! Which items belong to the history that is collected: the others are not touched.

use std::collections::BTreeSet;

use super::choice::Keep;
use super::item::{Item, Origin};
use crate::backups::Kind;

/// Which lineage is collected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Scope {
    /// The only one there is, else that of the full that was made last: whoever knows branches names the newest.
    #[default]
    Newest,
    /// The one with this id.
    Lineage(String),
}

/// For each item, why it is left alone; `None` where it belongs to what is collected.
///
/// Backups without metadata belong to the only lineage there is, or to the first one where they are older than every
/// other. Beyond that names do not tell of histories, and they stay.
pub(super) fn others(items: &[Item], scope: &Scope) -> Vec<Option<Keep>> {
    let known: BTreeSet<&Origin> = items
        .iter()
        .map(|item| &item.origin)
        .filter(|origin| matches!(origin, Origin::Known { .. }))
        .collect();
    let first = items
        .iter()
        .filter(|item| known.contains(&item.origin))
        .min_by_key(|item| item.created());
    let collected = collected(items, scope, &known);
    let why = |item: &Item| {
        let origin = match &item.origin {
            Origin::Unreadable => return Some(Keep::UnreadableMetadata),
            Origin::Unknown if known.is_empty() => {
                return (*scope != Scope::Newest).then_some(Keep::UnknownLineage);
            }
            Origin::Unknown => match (known.len(), first) {
                (1, Some(only)) => &only.origin,
                (_, Some(first)) if item.created() < first.created() => &first.origin,
                _ => return Some(Keep::UnknownLineage),
            },
            origin => origin,
        };
        match collected {
            Some(collected) if collected == origin => None,
            Some(collected) if cluster(collected) != cluster(origin) => Some(Keep::OtherCluster),
            Some(_) => Some(Keep::OtherLineage),
            None => Some(Keep::UnknownLineage),
        }
    };
    items.iter().map(why).collect()
}

/// The lineage that is collected; `None` where it is not known which that is.
fn collected<'a>(
    items: &'a [Item],
    scope: &Scope,
    known: &BTreeSet<&'a Origin>,
) -> Option<&'a Origin> {
    if let Scope::Lineage(wanted) = scope {
        let mut of_id = known
            .iter()
            .filter(|origin| matches!(origin, Origin::Known { lineage, .. } if lineage == wanted));
        // One id in two clusters is a fault that nobody should build a deletion on.
        return of_id.next().copied().filter(|_| of_id.next().is_none());
    }
    if known.len() == 1 {
        return known.first().copied();
    }
    let fulls = items.iter().filter(|item| item.name.kind == Kind::Full);
    let newest = fulls.max_by_key(|item| (item.created(), item.name.last))?;
    known.get(&newest.origin).copied()
}

fn cluster(origin: &Origin) -> Option<&str> {
    match origin {
        Origin::Known { cluster, .. } => cluster.as_deref(),
        Origin::Unknown | Origin::Unreadable => None,
    }
}
