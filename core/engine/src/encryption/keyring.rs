use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use snapstore::{PutOptions, Snapstore};

use super::chain_key::ChainKey;
use super::error::{KeyError, Locked};
use super::identities::Identities;
use super::key_id::KeyId;
use super::key_object::{read, write};
use super::recipients::Recipients;

/// The keys of a run: for whom it encrypts, by whose identities it decrypts, and what it has opened so far. Without recipients it
/// encrypts nothing.
#[derive(Default)]
pub struct Keyring {
    recipients: Recipients,
    identities: Identities,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    open: BTreeMap<KeyId, Arc<ChainKey>>,
    /// The keys that this run has made, and their objects.
    made: BTreeMap<KeyId, (Arc<ChainKey>, Arc<[u8]>)>,
    /// That of the newest full of this run.
    newest: Option<Arc<ChainKey>>,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("recipients", &self.recipients.len())
            .field("identities", &self.identities.len())
            .finish_non_exhaustive()
    }
}

impl Keyring {
    /// One that has opened nothing yet.
    pub fn new(recipients: Recipients, identities: Identities) -> Self {
        Self {
            recipients,
            identities,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether what is written is encrypted.
    pub fn encrypts(&self) -> bool {
        !self.recipients.is_empty()
    }

    /// Whether anything but what this run has written can be decrypted.
    pub fn has_identities(&self) -> bool {
        !self.identities.is_empty()
    }

    /// Whether one of the identities opens what is encrypted for these recipients: found out with a key that is not used again.
    pub fn opens_for(&self, recipients: &Recipients) -> io::Result<bool> {
        let key = ChainKey::generate();
        let object = key.wrapped(recipients)?;
        Ok(ChainKey::unwrapped(key.id(), &object, &self.identities).is_ok())
    }

    /// The same, for what is encrypted here.
    pub fn opens_its_own(&self) -> io::Result<bool> {
        self.opens_for(&self.recipients)
    }

    /// A new key, for a full and what follows on it.
    ///
    /// Errors: nothing is encrypted.
    pub fn begin_chain(&self) -> io::Result<Arc<ChainKey>> {
        let key = Arc::new(ChainKey::generate());
        let object = key.wrapped(&self.recipients)?;
        let mut state = self.state();
        let made = (key.clone(), object.into());
        state.made.insert(key.id().clone(), made);
        state.open.insert(key.id().clone(), key.clone());
        state.newest = Some(key.clone());
        Ok(key)
    }

    /// That of the newest full of this run; a new one where this run has taken none.
    ///
    /// Errors: nothing is encrypted.
    pub fn go_on(&self) -> io::Result<Arc<ChainKey>> {
        let newest = self.state().newest.clone();
        match newest {
            Some(newest) => Ok(newest),
            None => self.begin_chain(),
        }
    }

    /// Sees to it that the store has a key of this run, whole: where it is gone, or something else stands in its place, it is put
    /// there again. One that was encrypted for others since is the same key, and stays.
    pub async fn keep(&self, store: &dyn Snapstore, id: &KeyId) -> Result<(), KeyError> {
        let made = self.state().made.get(id).cloned();
        let Some((key, object)) = made else {
            return Ok(());
        };
        let how = match read(store, id).await {
            Ok(found) if *found == *object || key.is_kept_in(&found) => return Ok(()),
            Err(KeyError::Locked(Locked::Missing(_))) => PutOptions::default(),
            Ok(_) | Err(KeyError::Locked(Locked::Spoilt { .. })) => {
                tracing::warn!(
                    "keys/{id}.age does not hold the key of this chain any more: it is written again, for the recipients that this \
                     run was started with"
                );
                PutOptions::overwrite()
            }
            Err(error) => return Err(error),
        };
        write(store, id, (&object, how)).await
    }

    /// The object of a key, as it stands in the store.
    pub async fn object(&self, store: &dyn Snapstore, id: &KeyId) -> Result<Vec<u8>, KeyError> {
        read(store, id).await
    }

    /// What is wrong with the object of a key, as far as that can be seen with these identities; without one that opens it, no more than
    /// its header.
    pub fn spoilt(&self, id: &KeyId, object: &[u8]) -> Option<Locked> {
        match ChainKey::unwrapped(id, object, &self.identities) {
            Err(locked @ Locked::Spoilt { .. }) => Some(locked),
            _ => None,
        }
    }

    /// The key with this id.
    pub async fn find(&self, store: &dyn Snapstore, id: &KeyId) -> Result<Arc<ChainKey>, KeyError> {
        if let Some(open) = self.known(id) {
            return Ok(open);
        }
        let object = read(store, id).await?;
        let key = Arc::new(ChainKey::unwrapped(id, &object, &self.identities)?);
        self.state().open.insert(id.clone(), key.clone());
        Ok(key)
    }

    /// The key with this id, where it is open already.
    pub fn known(&self, id: &KeyId) -> Option<Arc<ChainKey>> {
        self.state().open.get(id).cloned()
    }

    /// The identities as keys, for what another program has encrypted for them.
    pub fn own(&self) -> Result<Vec<Arc<ChainKey>>, Locked> {
        match self.identities.is_empty() {
            true => Err(Locked::Unnamed("no identity was given")),
            false => Ok(self
                .identities
                .iter()
                .map(|one| Arc::new(ChainKey::of(one.clone())))
                .collect()),
        }
    }
}

#[cfg(test)]
#[path = "keyring_tests.rs"]
mod tests;
