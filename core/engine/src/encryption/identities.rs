use std::fmt;
use std::path::Path;

use age::x25519::Identity;

use super::lines::{FileError, Kind, read};

const KIND: Kind<Identity> = Kind {
    what: "identities",
    hint: "`age-keygen -o FILE` makes one",
    parse,
};

/// Secret keys of age, by which the keys of chains are opened. They are in no message and in no `Debug`.
#[derive(Clone, Default)]
pub struct Identities(Vec<Identity>);

impl Identities {
    /// Reads a file with one on a line, as `age-keygen` writes it.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        read(path, &KIND).map(Self)
    }

    /// Those of all of them.
    pub fn joined(all: impl IntoIterator<Item = Self>) -> Self {
        Self(all.into_iter().flat_map(|one| one.0).collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Identity> {
        self.0.iter()
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identities({})", self.0.len())
    }
}

fn parse(line: &str) -> Result<Identity, &'static str> {
    if line.starts_with("age-encryption.org/") || line.starts_with("-----BEGIN AGE") {
        return Err(
            "the file is encrypted with a passphrase: decrypt it first, `age -d FILE > IDENTITY`, to where only you may read it",
        );
    }
    if line.starts_with("AGE-PLUGIN-") {
        return Err(
            "it is an identity of a plugin of age: only X25519 identities (AGE-SECRET-KEY-1...) can be used here",
        );
    }
    if line.starts_with("age1") {
        return Err(
            "it is a recipient, a public key: what decrypts is the identity (AGE-SECRET-KEY-1...)",
        );
    }
    line.parse().map_err(|_| {
        "it is no identity of age: one is AGE-SECRET-KEY-1 and 58 characters after it (X25519; no passphrases, no plugins)"
    })
}
