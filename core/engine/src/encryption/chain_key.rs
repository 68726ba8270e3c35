use std::fmt;
use std::io::{Read, Write};

use age::secrecy::{ExposeSecret, SecretString};
use age::x25519::Identity;
use age::{Decryptor, Encryptor};
use zeroize::Zeroizing;

use super::error::Locked;
use super::header_limit::HeaderLimit;
use super::identities::Identities;
use super::key_id::KeyId;
use super::label::Labelled;
use super::recipients::Recipients;

/// The longest secret key in its object, in bytes: one line of 74 characters, and what a comment may take.
const LONGEST: u64 = 4096;

/// What the header of the object of a key says that it is.
const OF_A_KEY: &str = "key";

/// The key of a chain.
pub struct ChainKey {
    id: KeyId,
    identity: Identity,
}

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainKey({})", self.id)
    }
}

impl ChainKey {
    /// A new one, of the random numbers of the system.
    pub fn generate() -> Self {
        Self::of(Identity::generate())
    }

    pub(super) fn of(identity: Identity) -> Self {
        Self {
            id: KeyId::of(&identity.to_public()),
            identity,
        }
    }

    /// Which it is.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Its object: the secret half, for these recipients, and for the key itself: whoever has the key sees whether the object
    /// is whole, and needs no identity for that.
    ///
    /// Errors: there is no recipient.
    pub fn wrapped(&self, recipients: &Recipients) -> std::io::Result<Vec<u8>> {
        if recipients.is_empty() {
            let why = "nobody is named for whom a key is to be encrypted";
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, why));
        }
        let itself = self.labelled(OF_A_KEY);
        let all = recipients.iter().map(|one| one as &dyn age::Recipient);
        let all = all.chain(std::iter::once(&itself as &dyn age::Recipient));
        let encryptor = Encryptor::with_recipients(all).map_err(std::io::Error::other)?;
        let mut object = Vec::new();
        let mut writer = encryptor.wrap_output(&mut object)?;
        let secret: SecretString = self.identity.to_string();
        writer.write_all(secret.expose_secret().as_bytes())?;
        writer.write_all(b"\n")?;
        writer.finish()?;
        Ok(object)
    }

    /// It as a recipient, of what is called so.
    pub(super) fn labelled<'a>(&'a self, name: &'a str) -> Labelled<'a> {
        Labelled {
            key: &self.id,
            public: self.identity.to_public(),
            name,
        }
    }

    /// The key with this id out of its object.
    pub fn unwrapped(id: &KeyId, object: &[u8], by: &Identities) -> Result<Self, Locked> {
        Self::unwrapped_by(id, object, &Vec::from_iter(by.iter()))
    }

    /// Whether this object is that of the key, for whomever it is encrypted, and whole. One that was written for others since opens
    /// too: every object of a key is also for the key itself.
    pub fn is_kept_in(&self, object: &[u8]) -> bool {
        Self::unwrapped_by(&self.id, object, &[&self.identity]).is_ok()
    }

    fn unwrapped_by(id: &KeyId, object: &[u8], by: &[&Identity]) -> Result<Self, Locked> {
        let spoilt = |why: String| Locked::Spoilt {
            key: id.clone(),
            why,
        };
        let limited = HeaderLimit::new(object);
        let decryptor =
            Decryptor::new_buffered(limited).map_err(|error| spoilt(error.to_string()))?;
        if by.is_empty() {
            return Err(Locked::NoIdentity(id.clone()));
        }
        let all = by.iter().map(|one| *one as &dyn age::Identity);
        let content = match decryptor.decrypt(all) {
            Ok(content) => content,
            Err(age::DecryptError::NoMatchingKeys) => {
                return Err(Locked::OtherIdentity(id.clone()));
            }
            Err(error) => return Err(spoilt(error.to_string())),
        };
        let mut secret = Zeroizing::new(String::new());
        let read = content.take(LONGEST).read_to_string(&mut secret);
        read.map_err(|error| spoilt(error.to_string()))?;
        let identity: Identity = secret
            .trim()
            .parse()
            .map_err(|_| spoilt("it holds no secret key of age".to_owned()))?;
        let key = Self::of(identity);
        match key.id == *id {
            true => Ok(key),
            false => Err(spoilt(format!("it is key {}", key.id))),
        }
    }
}
