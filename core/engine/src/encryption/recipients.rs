use std::collections::HashSet;
use std::path::Path;

use age::x25519::Recipient;
use bech32::FromBase32;
use x25519_dalek::x25519;

use super::lines::{FileError, Kind, read};

/// So many recipients a key may have: a header of age has about 100 bytes for each.
pub(super) const MOST: usize = 200;

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
    ///
    /// Errors: also more than 200.
    pub fn read(path: &Path) -> Result<Self, FileError> {
        let mut all = read(path, &KIND)?;
        let mut seen = HashSet::new();
        all.retain(|one| seen.insert(one.to_string()));
        match all.len() {
            ..=MOST => Ok(Self(all)),
            count => Err(FileError::TooMany {
                path: path.to_owned(),
                count,
                most: MOST,
            }),
        }
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
    if line.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
        return Err("it is a secret key in small letters: recipients are public keys (age1...)");
    }
    let recipient: Recipient = line.parse().map_err(|_| {
        "it is no recipient of age: one is age1 and 58 characters after it (X25519; no plugins, no post-quantum keys)"
    })?;
    match is_usable(&recipient) {
        true => Ok(recipient),
        false => {
            Err("nobody can have the secret key to it (a point of low order): it is no recipient")
        }
    }
}

/// Whether something can be encrypted for it. The crate panics for a point of low order, to which everybody knows the secret: with
/// any secret key it agrees on zero (RFC 7748, 6.1).
fn is_usable(recipient: &Recipient) -> bool {
    let Ok((_, words, _)) = bech32::decode(&recipient.to_string()) else {
        return false;
    };
    let point = Vec::<u8>::from_base32(&words).ok();
    let point = point.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    point.is_some_and(|point| x25519([1; 32], point) != [0; 32])
}
