//! Encryption on the client, in the format of age (age-encryption.org/v1), by the crate of that name.
//!
//! Each chain has a key of its own. Its secret half is an object of the store, `keys/<id>.age`, encrypted for the recipients of
//! the operators: other operators need no other objects than those. What is stored names its key and itself in the header,
//! under the MAC of the header.

mod chain_key;
mod counted;
mod error;
mod header_limit;
mod identities;
mod key_id;
mod key_object;
mod keyring;
mod label;
mod lines;
mod opened;
mod recipients;
mod sealer;

pub use chain_key::ChainKey;
pub use counted::recipients_of;
pub use error::{KeyError, Locked, Spoilt};
pub use identities::Identities;
pub use key_id::KeyId;
pub use key_object::{PLACE, id_of, key_of};
pub use keyring::Keyring;
pub use lines::FileError;
pub use opened::{Named, Opened, key_named_in, open};
pub use recipients::Recipients;
pub use sealer::Sealer;
