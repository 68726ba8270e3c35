use std::path::Path;

use age::x25519::Recipient;

use super::lines::{FileError, Kind, read};

const KIND: Kind<Recipient> = Kind {
    what: "recipients",
    hint: "write the public keys of those who may restore into it, one on a line; `age-keygen -y` prints that of an identity",
    parse,
};

/// For whom the keys of chains are encrypted: public keys of age.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipients(Vec<Recipient>);

impl Recipients {
    /// Reads a file with one on a line.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        read(path, &KIND).map(Self)
    }

    /// Whether there is none: nothing is encrypted then.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Recipient> {
        self.0.iter()
    }
}

fn parse(line: &str) -> Result<Recipient, &'static str> {
    if line.starts_with("AGE-SECRET-KEY-") {
        return Err(
            "it is a secret key: recipients are public keys (age1...), and this file is no place for a secret",
        );
    }
    if line.starts_with("ssh-") {
        return Err("it is a key of SSH: only recipients of age (age1...) can be used here");
    }
    line.parse().map_err(|_| {
        "it is no recipient of age: one is age1 and 58 characters after it (X25519; no plugins, no post-quantum keys)"
    })
}
