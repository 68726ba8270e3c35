//! Which lineage begins, and which one it left.

use crate::backups::metadata::{Branching, Lineage, Parent};

/// The lineage that etcd's history is not known to be of.
#[derive(Debug)]
pub(super) enum Left {
    /// There are objects of it.
    Stored {
        lineage: Lineage,
        /// The revision that they lead up to.
        reached: i64,
        /// The newest event of it that etcd has too, if one was found.
        shared: Option<i64>,
    },
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
        Some(Left::Stored {
            lineage,
            reached,
            shared,
        }) => Lineage {
            id: fresh,
            parent: Some(Parent {
                id: lineage.id,
                left_at: shared.unwrap_or(head.min(reached)),
                branching: match shared {
                    Some(_) => Branching::Proven,
                    None => Branching::Unproven,
                },
            }),
        },
        Some(Left::Unstored(Lineage { id, parent })) => Lineage {
            id,
            parent: parent.map(|parent| match parent.left_at <= head {
                true => parent,
                // Of another etcd by now: what was compared is not in it.
                false => Parent {
                    left_at: head,
                    branching: Branching::Unproven,
                    ..parent
                },
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
        let stored = |shared| Left::Stored {
            lineage: lineage("a"),
            reached: 40,
            shared,
        };
        let first = begun(Some(stored(None)), 60, "b".to_owned());
        let parent = first.parent.clone().unwrap();
        assert_eq!((parent.id.as_str(), parent.left_at), ("a", 40));
        let again = begun(Some(Left::Unstored(first.clone())), 70, "c".to_owned());
        assert_eq!(again, first);
        // Another etcd has come meanwhile.
        let other = begun(Some(Left::Unstored(first)), 7, "c".to_owned());
        let parent = other.parent.unwrap();
        assert_eq!((other.id.as_str(), parent.id.as_str()), ("b", "a"));
        assert_eq!(parent.left_at, 7);
        // By an event that both have.
        let proven = begun(Some(stored(Some(30))), 60, "b".to_owned());
        let parent = proven.parent.clone().unwrap();
        assert_eq!((parent.left_at, parent.branching), (30, Branching::Proven));
        let other = begun(Some(Left::Unstored(proven)), 7, "c".to_owned());
        let parent = other.parent.unwrap();
        assert_eq!((parent.left_at, parent.branching), (7, Branching::Unproven));
        let alone = begun(Some(Left::Unstored(lineage("a"))), 7, "b".to_owned());
        assert_eq!(alone, lineage("a"));
    }
}
