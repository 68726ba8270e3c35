//! What metadata says of the bytes of an object, and whether what is read is that.
//!
//! The SHA-256 at the end of a snapshot shows that its content was not changed by accident: whoever changes both, or puts a
//! snapshot of another cluster under its name, is seen by nothing but what was noted elsewhere when it was taken.

use super::metadata::{Metadata, Previous, Proof};
use crate::encryption::KeyId;

/// What was noted of an object when it was stored. What other programs have stored has no such notes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noted {
    /// SHA-256 of the content: what stands after it.
    pub content: Option<[u8; 32]>,
    /// Length of the content in bytes.
    pub raw_bytes: Option<u64>,
    /// Length of the object in bytes.
    pub stored_bytes: Option<u64>,
    /// The last proof that it restores to what etcd had.
    pub proof: Option<Proof>,
    /// The key with which it is encrypted.
    pub key: Option<KeyId>,
    /// SHA-256 of the object, in hexadecimal.
    pub(super) stored: Option<String>,
    /// The object stored before it.
    pub(super) previous: Option<Previous>,
}

impl Noted {
    /// Of the metadata of the object.
    pub fn of(metadata: &Metadata) -> Self {
        let sum = metadata.raw_sha256.as_deref();
        Self {
            content: sum.and_then(digest),
            raw_bytes: metadata.raw_bytes,
            stored_bytes: metadata.stored_bytes,
            proof: metadata.proof.clone(),
            key: metadata.encryption.as_ref().map(|one| one.key.clone()),
            stored: metadata.stored_sha256.clone(),
            previous: metadata.previous.clone(),
        }
    }
}

/// Metadata whose sums are no digits is refused where it is read.
fn digest(hexadecimal: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    hex::decode_to_slice(hexadecimal, &mut digest).ok()?;
    Some(digest)
}

/// The content that ends with this SHA-256 is that of another object.
#[derive(Debug, thiserror::Error)]
#[error(
    "its content has SHA-256 {ends_with}, and {noted} was noted when it was stored: another object stands under its name, or it \
     was changed together with its hash"
)]
pub(crate) struct Replaced {
    ends_with: String,
    noted: String,
}

/// Compares the last 32 bytes of a content with what was noted of it. Whether they are its hash is for its reader to say.
pub(crate) fn compare(noted: &[u8; 32], ends_with: &[u8]) -> Result<(), Replaced> {
    if ends_with == noted.as_slice() {
        return Ok(());
    }
    Err(Replaced {
        ends_with: hex::encode(ends_with),
        noted: hex::encode(noted),
    })
}
