//! What differs between two states, by going through both in the order of their keys.

use std::cmp::Ordering;
use std::iter::Peekable;

use client::KeyValue as Item;

/// A key that is not the same in two states.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Only in the second.
    Added(Item),
    /// Only in the first.
    Removed(Item),
    /// With another value.
    Changed {
        /// In the first.
        from: Item,
        /// In the second.
        to: Item,
    },
    /// With the same value, but written again: revisions, version or lease differ.
    Rewritten {
        /// In the first.
        from: Item,
        /// In the second.
        to: Item,
    },
}

impl Difference {
    fn between(from: Item, to: Item) -> Option<Self> {
        if from == to {
            None
        } else if from.value == to.value {
            Some(Self::Rewritten { from, to })
        } else {
            Some(Self::Changed { from, to })
        }
    }
}

/// The differences between two states whose keys come in order, each once. Of each state one key is held at a time.
pub(crate) fn differences<E, A, B>(from: A, to: B) -> Differences<A, B>
where
    A: Iterator<Item = Result<Item, E>>,
    B: Iterator<Item = Result<Item, E>>,
{
    Differences {
        from: from.peekable(),
        to: to.peekable(),
    }
}

/// See [`differences`].
pub(crate) struct Differences<A: Iterator, B: Iterator> {
    from: Peekable<A>,
    to: Peekable<B>,
}

/// Who comes next.
enum Turn {
    From,
    To,
    Both,
}

impl<E, A, B> Differences<A, B>
where
    A: Iterator<Item = Result<Item, E>>,
    B: Iterator<Item = Result<Item, E>>,
{
    /// An error comes at once: what is not read is not missing.
    fn turn(&mut self) -> Option<Turn> {
        Some(match (self.from.peek(), self.to.peek()) {
            (None, None) => return None,
            (Some(Err(_)), _) | (Some(_), None) => Turn::From,
            (_, Some(Err(_))) | (None, Some(_)) => Turn::To,
            (Some(Ok(from)), Some(Ok(to))) => match from.key.cmp(&to.key) {
                Ordering::Less => Turn::From,
                Ordering::Greater => Turn::To,
                Ordering::Equal => Turn::Both,
            },
        })
    }
}

impl<E, A, B> Iterator for Differences<A, B>
where
    A: Iterator<Item = Result<Item, E>>,
    B: Iterator<Item = Result<Item, E>>,
{
    type Item = Result<Difference, E>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            return match self.turn()? {
                Turn::From => Some(self.from.next()?.map(Difference::Removed)),
                Turn::To => Some(self.to.next()?.map(Difference::Added)),
                Turn::Both => match (self.from.next()?, self.to.next()?) {
                    (Ok(from), Ok(to)) => match Difference::between(from, to) {
                        Some(difference) => Some(Ok(difference)),
                        None => continue,
                    },
                    (Err(error), _) | (_, Err(error)) => Some(Err(error)),
                },
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::convert::Infallible;

    type Keyspace = BTreeMap<Vec<u8>, (i64, Vec<u8>)>;

    fn keyspace() -> impl Strategy<Value = Keyspace> {
        let key = prop::collection::vec(prop::sample::select(vec![0, b'a', 0xff]), 1..4);
        let value = prop::collection::vec(prop::sample::select(vec![0, b'v']), 0..2);
        prop::collection::btree_map(key, (2..5_i64, value), 0..12)
    }

    fn items(keyspace: &Keyspace) -> impl Iterator<Item = Result<Item, Infallible>> {
        keyspace
            .iter()
            .map(|(key, (revision, value))| Ok(item(key, *revision, value)))
    }

    fn item(key: &[u8], revision: i64, value: &[u8]) -> Item {
        Item {
            key: Bytes::copy_from_slice(key),
            value: Bytes::copy_from_slice(value),
            create_revision: revision,
            mod_revision: revision,
            version: 1,
            lease: 0,
        }
    }

    proptest! {
        /// Each key that differs is told once, in order, and what is told makes one state of the other.
        #[test]
        fn what_differs_makes_one_state_of_the_other(from in keyspace(), to in keyspace()) {
            let mut made = from.clone();
            let (mut last, mut told) = (None, 0);
            for difference in differences(items(&from), items(&to)) {
                let difference = difference.unwrap();
                let key = match &difference {
                    Difference::Removed(was) => {
                        prop_assert!(made.remove(&*was.key).is_some());
                        was.key.clone()
                    }
                    Difference::Added(is) => {
                        prop_assert!(!from.contains_key(&*is.key));
                        is.key.clone()
                    }
                    Difference::Changed { from, to } => {
                        prop_assert_ne!(&from.value, &to.value);
                        to.key.clone()
                    }
                    Difference::Rewritten { from, to } => {
                        prop_assert_eq!(&from.value, &to.value);
                        prop_assert_ne!(from, to);
                        to.key.clone()
                    }
                };
                if let Difference::Added(is) | Difference::Changed { to: is, .. } | Difference::Rewritten { to: is, .. } = difference {
                    made.insert(is.key.to_vec(), (is.mod_revision, is.value.to_vec()));
                }
                prop_assert!(last < Some(key.clone()));
                last = Some(key);
                told += 1;
            }
            let differ = from.keys().chain(to.keys()).collect::<std::collections::BTreeSet<_>>();
            let differ = differ.into_iter().filter(|key| from.get(*key) != to.get(*key)).count();
            prop_assert_eq!(told, differ);
            prop_assert_eq!(made, to);
        }
    }

    /// Keys that could not be read looked as if they were removed.
    #[test]
    fn what_cannot_be_read_is_not_missing() {
        let from = [Ok(item(b"a", 2, b"")), Ok(item(b"b", 3, b""))];
        let mut found = differences(from.into_iter(), [Err("broken")].into_iter());
        assert_eq!(found.next(), Some(Err("broken")));
    }
}
