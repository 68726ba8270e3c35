//! Which lineage begins, and which one it left.

use crate::backups::metadata::{Branching, Lineage, Parent};

/// The lineage that etcd's history is not known to be of.
#[derive(Debug)]
pub(super) enum Left {
    /// Objects of it lead up to this revision.
    Stored(Lineage, i64),
    /// It was begun, and no object of it was stored.
    Unstored(Lineage),
}

/// What begins at `head`; `fresh` is an id that no lineage has.
///
/// What is newer is told by whom a lineage has left, whatever clocks say: it names one that the store knows. One of
/// which nothing is stored is none, and goes on under its id.
pub(super) fn begun(left: Option<Left>, head: i64, fresh: String) -> Lineage {
    match left {
        None => Lineage {
            id: fresh,
            parent: None,
        },
        Some(Left::Stored(lineage, reached)) => Lineage {
            id: fresh,
            parent: Some(Parent {
                id: lineage.id,
                left_at: head.min(reached),
                branching: Branching::Unproven,
            }),
        },
        Some(Left::Unstored(Lineage { id, parent })) => Lineage {
            id,
            parent: parent.map(|parent| Parent {
                left_at: parent.left_at.min(head),
                ..parent
            }),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lineage(id: &str) -> Lineage {
        Lineage {
            id: id.to_owned(),
            parent: None,
        }
    }

    /// The first full of a lineage failed, and etcd was asked again: the next lineage said that it had left the one of
    /// which nothing was stored. Nobody knew that one, so clocks decided which lineage was the newest.
    #[test]
    fn a_lineage_leaves_one_that_is_stored() {
        let first = begun(Some(Left::Stored(lineage("a"), 40)), 60, "b".to_owned());
        let parent = first.parent.clone().unwrap();
        assert_eq!((parent.id.as_str(), parent.left_at), ("a", 40));
        let again = begun(Some(Left::Unstored(first.clone())), 70, "c".to_owned());
        assert_eq!(again, first);
        // Another etcd has come meanwhile.
        let other = begun(Some(Left::Unstored(first)), 7, "c".to_owned());
        let parent = other.parent.unwrap();
        assert_eq!((other.id.as_str(), parent.id.as_str()), ("b", "a"));
        assert_eq!(parent.left_at, 7);
        let alone = begun(Some(Left::Unstored(lineage("a"))), 7, "b".to_owned());
        assert_eq!(alone, lineage("a"));
    }
}
