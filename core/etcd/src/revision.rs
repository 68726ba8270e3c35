//! Revisions, and the keys they have in the `key` bucket.

use std::fmt;
use std::ops::Deref;

use crate::Malformed;

/// Length of the key of a put, in bytes.
pub const PUT_KEY_LEN: usize = 17;
/// Length of the key of a tombstone, in bytes.
pub const TOMBSTONE_KEY_LEN: usize = 18;

/// The last main or sub that is taken for one. No store writes so much; what stands there was not
/// written by an etcd, and nothing could follow on it.
pub const LAST: i64 = i64::MAX - (1 << 40);

const SEPARATOR: u8 = b'_';
const TOMBSTONE_MARK: u8 = b't';

/// A point in a store's history: transaction `main`, change `sub` within it, from 0.
///
/// An empty store is at main 1; the first user write makes main 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revision {
    /// Number of the transaction.
    pub main: i64,
    /// Ordinal of the change within its transaction; puts and deletes share the counter.
    pub sub: i64,
}

impl Revision {
    /// The revision of change `sub` in transaction `main`.
    pub const fn new(main: i64, sub: i64) -> Self {
        Self { main, sub }
    }

    /// The 17 bytes that stand for this revision in the `meta` bucket and begin a key.
    pub fn to_bytes(self) -> [u8; PUT_KEY_LEN] {
        let mut bytes = [SEPARATOR; PUT_KEY_LEN];
        bytes[..8].copy_from_slice(&self.main.to_be_bytes());
        bytes[9..].copy_from_slice(&self.sub.to_be_bytes());
        bytes
    }

    /// Parses exactly 17 bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let entry = Entry::parse(bytes)?;
        match entry.kind {
            Kind::Put => Ok(entry.revision),
            Kind::Tombstone => Err(malformed("has a tombstone mark", PUT_KEY_LEN)),
        }
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.main, self.sub)
    }
}

/// What a change did to its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Gave it a value.
    Put,
    /// Deleted it.
    Tombstone,
}

/// The key of one entry of the `key` bucket.
///
/// Its order is the order of the bytes: a tombstone sorts right after the put of the same
/// revision, which etcd never writes beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// When the change was made.
    pub revision: Revision,
    /// What it did.
    pub kind: Kind,
}

impl Entry {
    /// The key of a put.
    pub const fn put(revision: Revision) -> Self {
        Self {
            revision,
            kind: Kind::Put,
        }
    }

    /// The key of a tombstone.
    pub const fn tombstone(revision: Revision) -> Self {
        Self {
            revision,
            kind: Kind::Tombstone,
        }
    }

    /// The 17 or 18 bytes of the key, without allocating.
    pub fn to_bytes(self) -> EntryKey {
        let mut bytes = [TOMBSTONE_MARK; TOMBSTONE_KEY_LEN];
        bytes[..PUT_KEY_LEN].copy_from_slice(&self.revision.to_bytes());
        let len = match self.kind {
            Kind::Put => PUT_KEY_LEN,
            Kind::Tombstone => TOMBSTONE_KEY_LEN,
        };
        EntryKey { bytes, len }
    }

    /// Parses 17 or 18 bytes; every other length, separator, mark or a negative number is
    /// refused. etcd itself reads `sub` up to the end of the slice and so misreads a
    /// tombstone's; here it is bytes 9..17 always.
    pub fn parse(bytes: &[u8]) -> Result<Self, Malformed> {
        let (Some((main, rest)), PUT_KEY_LEN | TOMBSTONE_KEY_LEN) =
            (bytes.split_first_chunk::<8>(), bytes.len())
        else {
            return Err(malformed("is not 17 or 18 bytes long", bytes.len()));
        };
        let Some(([SEPARATOR], rest)) = rest.split_first_chunk::<1>() else {
            return Err(malformed("has no '_' between main and sub", 8));
        };
        let Some((sub, mark)) = rest.split_first_chunk::<8>() else {
            return Err(malformed("is not 17 or 18 bytes long", bytes.len()));
        };
        let kind = match mark {
            [] => Kind::Put,
            [TOMBSTONE_MARK] => Kind::Tombstone,
            _ => return Err(malformed("does not end in 't'", PUT_KEY_LEN)),
        };
        let revision = Revision::new(i64::from_be_bytes(*main), i64::from_be_bytes(*sub));
        if revision.main < 0 {
            return Err(malformed("has a negative main", 0));
        }
        if revision.sub < 0 {
            return Err(malformed("has a negative sub", 9));
        }
        if revision.main > LAST || revision.sub > LAST {
            return Err(malformed("is at the end of all revisions", 0));
        }
        Ok(Self { revision, kind })
    }
}

/// The bytes of an [`Entry`], held inline.
#[derive(Clone, Copy)]
pub struct EntryKey {
    bytes: [u8; TOMBSTONE_KEY_LEN],
    len: usize,
}

impl Deref for EntryKey {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

fn malformed(why: &'static str, offset: usize) -> Malformed {
    Malformed {
        what: "revision key",
        why,
        offset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_entry() -> impl Strategy<Value = Entry> {
        (0..=i64::MAX, 0..=i64::MAX, any::<bool>()).prop_map(|(main, sub, deleted)| Entry {
            revision: Revision::new(main, sub),
            kind: if deleted { Kind::Tombstone } else { Kind::Put },
        })
    }

    #[test]
    fn bytes_are_etcds() {
        let bytes = Entry::tombstone(Revision::new(0x0102, 3)).to_bytes();
        assert_eq!(&*bytes, b"\0\0\0\0\0\0\x01\x02_\0\0\0\0\0\0\0\x03t");
    }

    #[test]
    fn only_17_and_18_bytes_are_keys() {
        let key = Entry::tombstone(Revision::new(7, 1)).to_bytes();
        for len in 0..17 {
            assert!(Entry::parse(&key[..len]).is_err(), "{len}");
        }
        assert!(Entry::parse(&[&key[..], b"t"].concat()).is_err());
        assert_eq!(Entry::parse(&key[..17]).unwrap().kind, Kind::Put);
        assert!(Revision::parse(&key).is_err());
    }

    #[test]
    fn each_wrong_byte_is_named() {
        let key = Entry::tombstone(Revision::new(7, 1)).to_bytes();
        for (at, wrong) in [(0, 0x80), (8, b'-'), (9, 0x80), (17, b'T')] {
            let mut bytes = key.to_vec();
            bytes[at] = wrong;
            assert_eq!(Entry::parse(&bytes).unwrap_err().offset, at);
        }
    }

    proptest! {
        #[test]
        fn parse_undoes_to_bytes(entry in any_entry()) {
            prop_assert_eq!(Entry::parse(&entry.to_bytes()).unwrap(), entry);
        }

        #[test]
        fn order_is_the_order_of_the_bytes(a in any_entry(), b in any_entry()) {
            prop_assert_eq!(a.cmp(&b), (*a.to_bytes()).cmp(&*b.to_bytes()));
        }
    }
}
