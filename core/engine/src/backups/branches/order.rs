//! Which lineage is the newest.

use std::collections::HashMap;

use crate::backups::metadata::Lineage;

/// A lineage, and when its newest full was begun, in seconds since 1970 UTC.
#[derive(Debug, Clone)]
pub(super) struct Dated {
    pub(super) lineage: Lineage,
    pub(super) newest_full: Option<i64>,
}

/// The places of the lineages, oldest first. One that left another comes after it, whatever clocks say: whoever began it
/// had the other before it. Among those that left one place, and among those that left none, that one comes last in
/// which, or in what left it since, the last full was begun.
pub(super) fn oldest_first(lineages: &[Dated]) -> Vec<usize> {
    let Tree {
        roots,
        mut children,
        latest,
    } = Tree::of(lineages);
    let newest_first = |places: &mut Vec<usize>| {
        places.sort_by_key(|place| {
            let id = lineages.get(*place).map(|one| &one.lineage.id);
            std::cmp::Reverse((latest.get(*place).copied().flatten(), id))
        });
    };
    let mut order = Vec::with_capacity(lineages.len());
    let mut open = roots;
    newest_first(&mut open);
    while let Some(place) = open.pop() {
        order.push(place);
        let mut next = children.get_mut(place).map(std::mem::take);
        let next = next.get_or_insert_default();
        newest_first(next);
        open.append(next);
    }
    order
}

struct Tree {
    /// Those that left none of the others.
    roots: Vec<usize>,
    /// For each, those that left it.
    children: Vec<Vec<usize>>,
    /// For each, when the newest full was begun in it and in all that left it.
    latest: Vec<Option<i64>>,
}

impl Tree {
    fn of(lineages: &[Dated]) -> Self {
        let by_id: HashMap<&str, usize> = lineages
            .iter()
            .enumerate()
            .map(|(place, one)| (&*one.lineage.id, place))
            .collect();
        let parent = |one: &Dated| by_id.get(&*one.lineage.parent.as_ref()?.id).copied();
        let mut parents: Vec<Option<usize>> = lineages.iter().map(parent).collect();
        let mut latest: Vec<Option<i64>> = lineages.iter().map(|one| one.newest_full).collect();
        fold_into_parents(&mut parents, &mut latest);
        let (mut roots, mut children) = (Vec::new(), vec![Vec::new(); lineages.len()]);
        for (place, parent) in parents.iter().enumerate() {
            match parent.and_then(|parent| children.get_mut(parent)) {
                Some(of_parent) => of_parent.push(place),
                None => roots.push(place),
            }
        }
        Self {
            roots,
            children,
            latest,
        }
    }
}

/// Makes `latest` of each that of all that left it as well, from the tips down. What is never reached is a circle, which
/// nothing but a fault can make: none of it has a parent then.
fn fold_into_parents(parents: &mut [Option<usize>], latest: &mut [Option<i64>]) {
    let mut left = vec![0_usize; parents.len()];
    for parent in parents.iter().flatten() {
        if let Some(left) = left.get_mut(*parent) {
            *left += 1;
        }
    }
    let mut is_reached = vec![false; parents.len()];
    let mut tips: Vec<usize> = (0..left.len())
        .filter(|place| left.get(*place) == Some(&0))
        .collect();
    while let Some(place) = tips.pop() {
        if let Some(is_reached) = is_reached.get_mut(place) {
            *is_reached = true;
        }
        let of_tip = latest.get(place).copied().flatten();
        let Some(parent) = parents.get(place).copied().flatten() else {
            continue;
        };
        if let (Some(latest), Some(left)) = (latest.get_mut(parent), left.get_mut(parent)) {
            *latest = (*latest).max(of_tip);
            *left -= 1;
            if *left == 0 {
                tips.push(parent);
            }
        }
    }
    for (parent, is_reached) in parents.iter_mut().zip(is_reached) {
        *parent = parent.filter(|_| is_reached);
    }
}
