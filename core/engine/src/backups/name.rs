//! Object names, as the reference writes them (etcd-backup-restore 0.44, `pkg/snapstore`):
//!
//! ```text
//! Full-00000000-00001354-1795338849.gz.final
//! kind  first    last     unix     suffix
//! ```

use std::fmt;

use super::encoding::Encoding;

/// What an object holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A copy of etcd's database.
    Full,
    /// The events of a range of revisions.
    Delta,
}

impl Kind {
    /// The word in the name, the metrics and the HTTP replies of the reference.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "Full",
            Self::Delta => "Incr",
        }
    }
}

/// The last segment of a snapshot's key, taken apart. Formats back to the same text when that
/// text was canonical (numbers padded to eight digits).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SnapshotName {
    /// Full or delta.
    pub kind: Kind,
    /// The first revision inside; 0 for a full.
    pub first: i64,
    /// The last revision inside. A full may really be ahead of it: the reference asks etcd for
    /// the revision first and for the snapshot then.
    pub last: i64,
    /// When it was begun, seconds since 1970 UTC.
    pub created: i64,
    /// What became of its content.
    pub encoding: Encoding,
    /// The last full before a cluster went to sleep or moved (`.final`).
    pub is_final: bool,
}

/// Why a name is not that of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not four parts between `-`.
    #[error("it is not made of four parts between '-', as Full-00000000-00000042-1700000000 is")]
    Parts,
    /// Neither `Full` nor `Incr`.
    #[error("its kind {0:?} is neither Full nor Incr")]
    Kind(String),
    /// One of the three numbers is none.
    #[error("its {what} {text:?} is not a number")]
    Number {
        /// Which of the three.
        what: &'static str,
        /// What stands there.
        text: String,
    },
    /// The revisions run backwards.
    #[error("its first revision {first} is above its last {last}")]
    Backwards {
        /// The first revision.
        first: i64,
        /// The last revision.
        last: i64,
    },
    /// A compression, or an encryption, that this version cannot read.
    #[error("its suffix {0:?} is none that is known (.gz, .zlib, .Z, .zst, .age or none)")]
    Suffix(String),
}

impl SnapshotName {
    /// Takes a name apart.
    pub fn parse(name: &str) -> Result<Self, NameError> {
        let parts: Vec<&str> = name.split('-').collect();
        let [kind, first, last, rest] = parts[..] else {
            return Err(NameError::Parts);
        };
        let kind = match kind {
            "Full" => Kind::Full,
            "Incr" => Kind::Delta,
            other => return Err(NameError::Kind(other.to_owned())),
        };
        let (rest, is_final) = match rest.strip_suffix(".final") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let (created, suffix) = match rest.find('.') {
            Some(dot) => rest.split_at(dot),
            None => (rest, ""),
        };
        let encoding =
            Encoding::from_suffix(suffix).ok_or_else(|| NameError::Suffix(suffix.to_owned()))?;
        let name = Self {
            kind,
            first: number("first revision", first)?,
            last: number("last revision", last)?,
            created: number("creation time", created)?,
            encoding,
            is_final,
        };
        if name.first > name.last {
            return Err(NameError::Backwards {
                first: name.first,
                last: name.last,
            });
        }
        Ok(name)
    }

    /// What it says of itself where it is encrypted: that it is the last of a cluster is no part of it, since copies leave it out.
    pub(crate) fn encrypted_as(&self) -> String {
        let kind = self.kind.word();
        format!("{kind}-{:08}-{:08}-{}", self.first, self.last, self.created)
    }

    /// The creation time; `None` where the number is no time of this era.
    pub fn created_at(&self) -> Option<jiff::Timestamp> {
        jiff::Timestamp::from_second(self.created).ok()
    }
}

/// Digits only: Rust's own parser would take "+1", Go's reader of these names writes none.
fn number(what: &'static str, text: &str) -> Result<i64, NameError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|_| digits)
        .ok_or_else(|| NameError::Number {
            what,
            text: text.chars().take(40).collect(),
        })
}

impl fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, suffix) = (self.kind.word(), self.encoding.suffix());
        let last_word = if self.is_final { ".final" } else { "" };
        write!(
            f,
            "{kind}-{:08}-{:08}-{}{suffix}{last_word}",
            self.first, self.last, self.created
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::Compression;
    use proptest::prelude::*;

    #[test]
    fn names_of_the_reference_are_read() {
        let full = SnapshotName::parse("Full-00000000-00001354-1795338849.gz.final").unwrap();
        assert_eq!((full.kind, full.first, full.last), (Kind::Full, 0, 1354));
        assert_eq!(
            (full.created, full.encoding),
            (1_795_338_849, Compression::Gzip.into())
        );
        assert!(full.is_final);
        let delta = SnapshotName::parse("Incr-00001355-00001486-1795338853.Z").unwrap();
        assert_eq!(
            (delta.kind, delta.encoding),
            (Kind::Delta, Compression::Lzw.into())
        );
    }

    #[test]
    fn other_names_say_what_is_wrong_with_them() {
        let reason = |name| SnapshotName::parse(name).unwrap_err().to_string();
        assert!(reason("backup_revision.json").contains("four parts"));
        assert!(reason("Chunk-00000000-00000001-1").contains("Chunk"));
        assert!(reason("Full-00000000-+1-1").contains("last revision"));
        assert!(reason("Full-00000000-00000001-1.bz2").contains(".bz2"));
        assert!(reason("Incr-00000009-00000001-1").contains("above"));
        assert!(reason("Full-00000000-99999999999999999999-1").contains("not a number"));
    }

    proptest! {
        #[test]
        fn a_name_survives_the_round_trip(first in 0..=i64::MAX, more in 0..1000_i64, created in 0..=i64::MAX, codec in 0..6_usize, is_final: bool, full: bool) {
            let name = SnapshotName {
                kind: if full { Kind::Full } else { Kind::Delta },
                first,
                last: first.saturating_add(more),
                created,
                encoding: Encoding::ALL[codec],
                is_final,
            };
            prop_assert_eq!(SnapshotName::parse(&name.to_string()), Ok(name));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
            let _ = SnapshotName::parse(&text);
        }
    }
}
