use snapstore::{Key, Location, Result, prefix, printable};

use crate::http::odd;

/// The names of a bucket that belong to one store: those under its prefix.
///
/// A prefix ends in `/` wherever it meets the provider, so that the store of `etcd` never sees
/// the objects of `etcd-2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyspace {
    /// Empty, or ending in `/`.
    prefix: String,
}

impl Keyspace {
    /// The keys under `prefix`, in any spelling that the reference takes: see [`prefix::cleaned`].
    /// One that begins with a slash is said, since others cut it off.
    ///
    /// Errors: `Config` for a prefix that no key could follow.
    pub fn new(prefix: &str) -> Result<Self> {
        let mut prefix = prefix::cleaned(prefix)?;
        if !prefix.is_empty() && !prefix.ends_with('/') {
            prefix.push('/');
        }
        if let Some(without) = prefix.strip_prefix('/') {
            tracing::warn!(
                "--store-prefix begins with '/', which is a part of every name, as in the \
                 reference: {prefix:?} is looked at, not {without:?}"
            );
        }
        Ok(Self { prefix })
    }

    /// The keys of a store that shows itself so ([`Keyspace::location`]).
    pub fn of(location: &Location) -> Self {
        let prefix = match location.prefix.as_str() {
            "" | "/" => location.prefix.clone(),
            prefix => format!("{prefix}/"),
        };
        Self { prefix }
    }

    /// The provider's name for `key`.
    pub fn name(&self, key: &Key) -> String {
        format!("{}{key}", self.prefix)
    }

    /// The key of the provider's `name`; `None` for what this store can never have written, as
    /// the empty "directories" that web consoles make.
    pub fn key(&self, name: &str) -> Option<Key> {
        Key::new(name.strip_prefix(&self.prefix)?).ok()
    }

    /// The key of `name`, an entry of a listing in which everything begins with `asked`. `None` for
    /// what no snapshot can be called, as the empty "directories" that web consoles make.
    ///
    /// Errors: `Unexpected` and retryable for what was not asked for: the listing is another one.
    pub fn entry(&self, operation: &'static str, asked: &str, name: &str) -> Result<Option<Key>> {
        asked_for(operation, asked, name)?;
        let key = self.key(name);
        if key.is_none() && !name.ends_with('/') {
            let shown: String = name.chars().take(200).collect();
            tracing::warn!("passed over, since no object of ours is called so: {shown:?}");
        }
        Ok(key)
    }

    /// The provider's prefix for the keys that begin with `prefix`.
    pub fn under(&self, prefix: &str) -> String {
        format!("{}{prefix}", self.prefix)
    }

    /// Where the store is, as it is shown to people.
    pub fn location(&self, scheme: &'static str, bucket: &str) -> Location {
        Location {
            scheme,
            bucket: bucket.to_owned(),
            prefix: match self.prefix.as_str() {
                "/" => "/".to_owned(),
                prefix => prefix.trim_end_matches('/').to_owned(),
            },
        }
    }
}

/// `name`, an entry of a listing, must begin with what was `asked` for.
///
/// Errors: `Unexpected` and retryable for another listing than that.
pub fn asked_for(operation: &'static str, asked: &str, name: &str) -> Result<()> {
    if name.starts_with(asked) {
        return Ok(());
    }
    let shown: String = name.chars().take(200).collect();
    let what = format!(
        "it lists \"{}\", which does not begin with the prefix \"{}\" that was asked for",
        printable(&shown),
        printable(asked)
    );
    Err(odd(operation, what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sibling_is_not_seen() {
        let keys = Keyspace::new("etcd/").unwrap();
        assert_eq!(keys.under("v2/"), "etcd/v2/");
        assert_eq!(keys.key("etcd-2/v2/a"), None);
        assert_eq!(keys.key("etcd/v2/a"), Some(Key::new("v2/a").unwrap()));
        assert_eq!(keys.key("etcd/v2/"), None);
    }

    /// A proxy lost the query on its way, and the objects of others were dropped without a word: with
    /// ours on a later page, an empty listing was what came of it.
    #[test]
    fn an_entry_that_was_not_asked_for_is_named() {
        let keys = Keyspace::new("etcd").unwrap();
        let entry = |name| keys.entry("list", "etcd/v2/", name);
        assert_eq!(entry("etcd/v2/a").unwrap(), Some(Key::new("v2/a").unwrap()));
        assert_eq!(entry("etcd/v2/").unwrap(), None);
        for other in ["etcd-2/v2/a", "etcd/v1/a", "\u{202e}x"] {
            let error = entry(other).unwrap_err();
            assert!(error.is_retryable(), "{error}");
            assert!(error.to_string().contains(&printable(other)), "{error}");
        }
    }

    /// The reference had written `/etcd/main/v2/...`, and `etcd/main/v2/` was listed.
    #[test]
    fn a_slash_at_the_beginning_stays() {
        let key = Key::new("v2/a").unwrap();
        for (written, name) in [
            ("", "v2/a"),
            ("/", "/v2/a"),
            ("/etcd/main/", "/etcd/main/v2/a"),
            ("./etcd//main", "etcd/main/v2/a"),
        ] {
            let keys = Keyspace::new(written).unwrap();
            assert_eq!(keys.name(&key), name, "{written:?}");
            assert_eq!(keys.key(name), Some(key.clone()), "{written:?}");
            assert_eq!(Keyspace::of(&keys.location("s3", "b")), keys);
        }
        let shown = Keyspace::new("/etcd/").unwrap().location("s3", "b");
        assert_eq!(shown.to_string(), "s3://b//etcd");
    }

    proptest! {
        #[test]
        fn a_name_leads_back_to_its_key(prefix in "[a-z./-]{0,12}", name in "\\PC{1,20}") {
            if let (Ok(keys), Ok(key)) = (Keyspace::new(&prefix), Key::new(&name)) {
                prop_assert_eq!(keys.key(&keys.name(&key)), Some(key));
            }
        }
    }
}
