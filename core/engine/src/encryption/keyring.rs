use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use snapstore::Snapstore;

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
    /// The objects of keys that this run has made.
    made: BTreeMap<KeyId, Arc<[u8]>>,
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

    /// A new key, for a full and what follows on it.
    ///
    /// Errors: nothing is encrypted.
    pub fn begin_chain(&self) -> io::Result<Arc<ChainKey>> {
        let key = Arc::new(ChainKey::generate());
        let object = key.wrapped(&self.recipients)?;
        let mut state = self.state();
        state.made.insert(key.id().clone(), object.into());
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

    /// Sees to it that the store has a key of this run, before anything rests on it.
    pub async fn keep(&self, store: &dyn Snapstore, id: &KeyId) -> Result<(), KeyError> {
        let object = self.state().made.get(id).cloned();
        let Some(object) = object else {
            return Ok(());
        };
        match read(store, id).await {
            // One that is not as it was written was rotated since: then it is for others.
            Ok(found) => match ChainKey::unwrapped(id, &found, &self.identities) {
                Ok(_) | Err(Locked::NoIdentity(_) | Locked::OtherIdentity(_)) => Ok(()),
                Err(locked) => Err(locked.into()),
            },
            Err(KeyError::Locked(Locked::Missing(_))) => write(store, id, &object).await,
            Err(error) => Err(error),
        }
    }

    /// The object of a key, as it stands in the store.
    pub async fn object(&self, store: &dyn Snapstore, id: &KeyId) -> Result<Vec<u8>, KeyError> {
        read(store, id).await
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
