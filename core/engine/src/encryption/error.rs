use super::key_id::KeyId;

/// Why something that is encrypted cannot be read, although nothing says that it is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Locked {
    /// Nobody has said by which identity.
    #[error("it is encrypted with key {0}, and no identity was given that opens keys/{0}.age")]
    NoIdentity(KeyId),
    /// Those that were given are others.
    #[error(
        "it is encrypted with key {0}, and keys/{0}.age is not for any of the identities that were given"
    )]
    OtherIdentity(KeyId),
    /// The key is gone.
    #[error(
        "it is encrypted with key {0}, and keys/{0}.age is not in the store: bring it back from a copy of the store; without \
         that key nobody can read the object"
    )]
    Missing(KeyId),
    /// What stands there is no key, or another one.
    #[error(
        "it is encrypted with key {key}, and keys/{key}.age is not that key: {why}; bring it back from a copy of the store"
    )]
    Spoilt {
        /// Which.
        key: KeyId,
        /// What is wrong with it.
        why: String,
    },
    /// It is another object.
    #[error(
        "it was encrypted as {name}, with key {key}: it stands under the name of another object"
    )]
    Exchanged {
        /// What it is.
        name: String,
        /// With which key.
        key: KeyId,
    },
    /// It was encrypted by something else, for somebody.
    #[error("it is encrypted and names no key of this store, and {0}")]
    Unnamed(&'static str),
}

impl Locked {
    /// Whether an identity that was not given may help.
    pub fn is_for_others(&self) -> bool {
        matches!(
            self,
            Self::NoIdentity(_) | Self::OtherIdentity(_) | Self::Unnamed(_)
        )
    }

    /// Whether nobody can read it as it stands.
    pub fn is_for_nobody(&self) -> bool {
        matches!(
            self,
            Self::Missing(_) | Self::Spoilt { .. } | Self::Exchanged { .. }
        )
    }
}

/// What is wrong with something that is encrypted, in itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Spoilt(pub(super) String);

/// Why a key cannot be had, or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The store did not answer, or refused.
    #[error(transparent)]
    Store(#[from] snapstore::Error),
    /// It does not open.
    #[error(transparent)]
    Locked(#[from] Locked),
    /// What was just stored is not what stands there.
    #[error("keys/{0}.age was stored, and what the store gives back is something else")]
    NotKept(KeyId),
    /// The id makes no name of an object.
    #[error("key {0}: {1}")]
    Name(KeyId, String),
}
