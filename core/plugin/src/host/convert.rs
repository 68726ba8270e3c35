//! What the contract calls by types, and a plugin by texts and numbers.

use snapstore::{ObjectId, PutMode};

use crate::abi;

/// The two texts that name an object.
pub(super) fn address(object: &ObjectId) -> (abi::Bytes, abi::Bytes) {
    let version = object.version.as_ref().map(|version| version.0.as_str());
    (
        abi::Bytes::of(object.key.as_str().as_bytes()),
        abi::Bytes::option(version),
    )
}

pub(super) fn mode(mode: PutMode) -> u32 {
    match mode {
        PutMode::CreateNew => abi::CREATE_NEW,
        PutMode::Overwrite => abi::OVERWRITE,
    }
}
