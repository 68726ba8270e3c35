use std::fmt;
use std::sync::Arc;

/// The longest key accepted, in bytes. The shortest limit among the providers is Azure's and
/// Swift's 1,024; the store's own prefix and the parts of an upload need room beside it.
pub const MAX_KEY_BYTES: usize = 900;

/// The name of an object, relative to the store's [`crate::Location`].
///
/// A key cannot leave the place it belongs to: path traversal ends at this type. Accepted is a
/// non-empty UTF-8 string of at most [`MAX_KEY_BYTES`] bytes, of segments separated by `/`, no
/// segment empty, `.` or `..`, with no control character and no backslash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<str>);

/// Why a string is no [`Key`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not a valid object key: {reason}")]
pub struct KeyError {
    name: String,
    reason: &'static str,
}

impl Key {
    /// Checks `name` and makes it a key.
    pub fn new(name: impl AsRef<str>) -> Result<Self, KeyError> {
        let name = name.as_ref();
        match fault(name) {
            None => Ok(Self(name.into())),
            Some(reason) => Err(KeyError {
                name: name.chars().take(200).collect(),
                reason,
            }),
        }
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part after the last `/`.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }
}

fn fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("it is empty");
    }
    if name.len() > MAX_KEY_BYTES {
        return Some("it is longer than 900 bytes");
    }
    if name.chars().any(|c| c.is_control() || c == '\\') {
        return Some("it has a control character or a backslash");
    }
    name.split('/').find_map(|segment| match segment {
        "" => Some("it begins or ends with '/' or has '//' in it"),
        "." | ".." => Some("it has a segment '.' or '..'"),
        _ => None,
    })
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_that_would_leave_the_root_are_refused() {
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "..",
            "a/../b",
            "a//b",
            "a/",
            "./a",
            "a\0b",
            "a\\b",
            "a\nb",
        ] {
            assert!(Key::new(bad).is_err(), "{bad:?}");
        }
        assert!(Key::new("x".repeat(MAX_KEY_BYTES + 1)).is_err());
    }

    #[test]
    fn snapshot_names_and_odd_names_are_keys() {
        for good in [
            "v2/Full-00000000-00000001-1.gz",
            "a b",
            "%2e%2e/x",
            "ü/é#?&+",
            "...",
            "x",
        ] {
            assert_eq!(Key::new(good).unwrap().as_str(), good);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_stays_below_the_root(name in "\\PC{0,40}") {
            if let Ok(key) = Key::new(&name) {
                let root = std::path::Path::new("/root");
                let joined = root.join(key.as_str());
                prop_assert!(joined.starts_with(root));
                prop_assert!(joined.components().all(|c| !matches!(c, std::path::Component::ParentDir)));
            }
        }
    }
}
