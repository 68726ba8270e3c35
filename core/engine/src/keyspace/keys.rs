use bytes::Bytes;
use client::KeyRange;

/// A key, or a range of them in the order of their bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keys {
    /// This one.
    One(Vec<u8>),
    /// Those that begin so: all of them where it is empty.
    Prefix(Vec<u8>),
    /// From this one on.
    From(Vec<u8>),
    /// From this one up to another, which is not one of them.
    Range(Vec<u8>, Vec<u8>),
}

/// What stands for "no end" in a range of etcd, and for "from the first key on".
const ZERO: &[u8] = b"\0";

impl Keys {
    /// Whether `key` is one of them.
    pub fn has(&self, key: &[u8]) -> bool {
        match self {
            Self::One(one) => key == one,
            Self::Prefix(prefix) => key.starts_with(prefix),
            Self::From(first) => key >= first.as_slice(),
            Self::Range(first, end) => key >= first.as_slice() && key < end.as_slice(),
        }
    }

    /// The same as etcd is asked for it; none where no key can be one of them.
    pub(crate) fn range(&self) -> Option<KeyRange> {
        let (first, end) = match self {
            Self::One(one) => return (!one.is_empty()).then(|| range(one, &[])),
            Self::Prefix(prefix) => (prefix, after_all_with(prefix)),
            Self::From(first) => (first, ZERO.to_vec()),
            Self::Range(first, end) if first < end => (first, end.clone()),
            Self::Range(..) => return None,
        };
        // etcd knows no empty key.
        let first = if first.is_empty() { ZERO } else { first };
        // From the zero byte up to it there is nothing; and as an end it means that there is none.
        let is_empty = matches!(self, Self::Range(_, end) if end == ZERO);
        (!is_empty).then(|| range(first, &end))
    }
}

fn range(first: &[u8], end: &[u8]) -> KeyRange {
    KeyRange {
        first: Bytes::copy_from_slice(first),
        end: Bytes::copy_from_slice(end),
    }
}

/// The first key after all that begin with `prefix`, as clients of etcd say it.
fn after_all_with(prefix: &[u8]) -> Vec<u8> {
    match prefix.iter().rposition(|byte| *byte != 0xff) {
        Some(last) => {
            let mut end = prefix[..=last].to_vec();
            end[last] += 1;
            end
        }
        None => ZERO.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop::sample::select(vec![0, 1, b'a', 0xfe, 0xff]);
        prop::collection::vec(byte, 0..4)
    }

    fn keys() -> impl Strategy<Value = Keys> {
        prop_oneof![
            bytes().prop_map(Keys::One),
            bytes().prop_map(Keys::Prefix),
            bytes().prop_map(Keys::From),
            (bytes(), bytes()).prop_map(|(first, end)| Keys::Range(first, end)),
        ]
    }

    /// As etcd reads a range (server/etcdserver/apply.go, `mkGteRange`, and `index.visit`).
    fn etcd_has(range: &KeyRange, key: &[u8]) -> bool {
        match &*range.end {
            [] => key == range.first,
            [0] => key >= &*range.first,
            end => key >= &*range.first && key < end,
        }
    }

    proptest! {
        #[test]
        fn etcd_is_asked_for_just_these_keys(keys in keys(), key in bytes()) {
            prop_assume!(!key.is_empty());
            let range = keys.range();
            prop_assert!(range.as_ref().is_none_or(|range| !range.first.is_empty()));
            let has = range.is_some_and(|range| etcd_has(&range, &key));
            prop_assert_eq!(has, keys.has(&key));
        }
    }
}
