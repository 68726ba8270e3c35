use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// Digits of an id, in hexadecimal.
const DIGITS: usize = 32;

/// Which key it is: the first 16 bytes of the SHA-256 of its public half, in hexadecimal. A key that stands under the id of
/// another is found out by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    pub(super) fn of(public: &age::x25519::Recipient) -> Self {
        let mut id = hex::encode(Sha256::digest(public.to_string()));
        id.truncate(DIGITS);
        Self(id)
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the id of a key has {DIGITS} digits in hexadecimal, in lower case")]
pub struct NoKeyId;

impl FromStr for KeyId {
    type Err = NoKeyId;

    fn from_str(text: &str) -> Result<Self, NoKeyId> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        match text.len() == DIGITS && text.bytes().all(is_digit) {
            true => Ok(Self(text.to_owned())),
            false => Err(NoKeyId),
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
