//! What metadata says of the content of an encrypted object: for those who have its key. Sums of it would confirm a guess, and the last
//! event names a key.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;

use base64_simd::STANDARD;
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use snapstore::Snapstore;

use super::document::Metadata;
use super::objects::AllMetadata;
use super::parts::{Encryption, KeyBucket, Witness};
use crate::backups::name::SnapshotName;
use crate::encryption::{ChainKey, KeyError, KeyId, Keyring, Sealer, open};

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Secret {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    raw_sha256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_bucket: Option<KeyBucket>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    witness: Option<Witness>,
}

impl Metadata {
    /// As it is written: what is secret is encrypted with the key of the object, where this run has it, and is else left out. A witness
    /// that leaves no room for the rest is left out too.
    pub fn told(self, keys: &Keyring) -> Self {
        let Some(encryption) = self.encryption.clone() else {
            return self;
        };
        let secret = Secret {
            raw_sha256: self.raw_sha256.clone(),
            key_bucket: self.key_bucket,
            witness: self.witness.clone(),
        };
        let without_witness = Secret {
            witness: None,
            ..secret.clone()
        };
        let bare = Self {
            raw_sha256: None,
            key_bucket: None,
            witness: None,
            ..self
        };
        if secret == Secret::default() {
            return bare;
        }
        let key = keys.known(&encryption.key);
        let sealed = [secret, without_witness].into_iter().find_map(|secret| {
            let sealed = seal(key.as_deref()?, &secret, &bare.snapshot)?;
            let told = Self {
                encryption: Some(Encryption {
                    sealed: Some(sealed),
                    ..encryption.clone()
                }),
                ..bare.clone()
            };
            told.to_json().is_ok().then_some(told)
        });
        sealed.unwrap_or(bare)
    }

    /// With what is secret in it, where its key opens.
    pub async fn opened(mut self, store: &dyn Snapstore, keys: &Keyring) -> Self {
        let id = self.encryption.as_ref().map(|one| one.key.clone());
        if let Some(id) = id
            && let Ok(key) = keys.find(store, &id).await
        {
            self.open(&key);
        }
        self
    }

    fn open(&mut self, key: &Arc<ChainKey>) {
        let sealed = self.encryption.as_ref().and_then(|one| one.sealed.as_ref());
        let Some(secret) = sealed.and_then(|sealed| unseal(key, sealed, &self.snapshot)) else {
            return;
        };
        self.raw_sha256 = secret.raw_sha256.or(self.raw_sha256.take());
        self.key_bucket = secret.key_bucket.or(self.key_bucket);
        self.witness = secret.witness.or(self.witness.take());
    }
}

/// How many keys are fetched at once.
const AT_ONCE: usize = 16;

/// The same of all of them, as far as keys open: of one that does not, who reads its object is told.
///
/// Errors: what the store says. Sums that are not known are not compared, so that it does not answer must not be taken for none.
pub(crate) async fn open_all(
    all: &mut AllMetadata,
    store: &dyn Snapstore,
    keys: &Keyring,
) -> snapstore::Result<()> {
    let key_of = |one: &Metadata| one.encryption.as_ref().map(|one| one.key.clone());
    let may_open = |id: &KeyId| keys.has_identities() || keys.known(id).is_some();
    let ids: BTreeSet<KeyId> = all.by_snapshot.values().filter_map(key_of).collect();
    let finding = ids.into_iter().filter(may_open).map(async |id| {
        let found = keys.find(store, &id).await;
        (id, found)
    });
    let mut finding = futures::stream::iter(finding).buffer_unordered(AT_ONCE);
    while let Some((id, found)) = finding.next().await {
        let key = match found {
            Ok(key) => key,
            Err(KeyError::Store(error)) => return Err(error),
            Err(_) => continue,
        };
        for metadata in all.by_snapshot.values_mut() {
            if key_of(metadata).as_ref() == Some(&id) {
                metadata.open(&key);
            }
        }
    }
    Ok(())
}

/// What it is encrypted as: that of one snapshot is not taken for that of another.
fn label(snapshot: &str) -> Option<String> {
    let name = SnapshotName::parse(snapshot).ok()?;
    Some(format!("{}.json", name.encrypted_as()))
}

fn seal(key: &ChainKey, secret: &Secret, snapshot: &str) -> Option<String> {
    let json = serde_json::to_vec(secret).ok()?;
    let sealed = Sealer::sealed(key, &label(snapshot)?, &json).ok()?;
    Some(STANDARD.encode_to_string(sealed))
}

/// What cannot be read is not known, as of metadata that is missing.
fn unseal(key: &Arc<ChainKey>, sealed: &str, snapshot: &str) -> Option<Secret> {
    let sealed = STANDARD.decode_to_vec(sealed).ok()?;
    let mut json = Vec::new();
    let mut opened = open(&sealed[..], &label(snapshot)?, |_| Ok(vec![key.clone()])).ok()?;
    opened.read_to_end(&mut json).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encryption::{Identities, Recipients};

    const NAME: &str = "Incr-00000011-00000020-1700000000.age";

    fn keys() -> Keyring {
        let file = tempfile::NamedTempFile::new().unwrap();
        let recipient = age::x25519::Identity::generate().to_public();
        std::fs::write(file.path(), recipient.to_string()).unwrap();
        Keyring::new(
            Recipients::read(file.path()).unwrap(),
            Identities::default(),
        )
    }

    fn metadata(keys: &Keyring, name: &str, key: &[u8]) -> Metadata {
        let mut metadata = Metadata::of(name).unwrap();
        metadata.encryption = Some(Encryption::with(keys.go_on().unwrap().id()));
        metadata.raw_sha256 = Some("ab".repeat(32));
        metadata.key_bucket = Some(KeyBucket {
            crc32c: 0xdead_beef,
            bytes: 1,
            entries: 1,
        });
        metadata.witness = Some(Witness {
            key: Witness::key_of(key).unwrap(),
            mod_revision: 20,
            create_revision: 7,
            version: 3,
            deleted: false,
        });
        metadata
    }

    /// The name of a key, and sums by which a guess at a secret is confirmed, stood in the bucket beside the encrypted snapshot.
    #[tokio::test]
    async fn what_is_known_of_an_encrypted_content_is_for_those_who_have_its_key() {
        let (keys, store) = (keys(), snapstore::memory::MemoryStore::new());
        let metadata = metadata(&keys, NAME, b"/registry/secrets/shop");
        let told = metadata.clone().told(&keys);
        let json = String::from_utf8(told.to_json().unwrap()).unwrap();
        for secret in [
            &"ab".repeat(32),
            "3735928559",
            &metadata.witness.as_ref().unwrap().key,
        ] {
            assert!(!json.contains(secret), "{json}");
        }
        let opened = Metadata::parse(json.as_bytes()).unwrap();
        let opened = opened.opened(&store, &keys).await;
        assert_eq!(opened.witness, metadata.witness);
        assert_eq!(opened.raw_sha256, metadata.raw_sha256);
        assert_eq!(opened.key_bucket, metadata.key_bucket);
        // Who has no key knows nothing; what was put beside another snapshot is not of it.
        let outsider = Keyring::default();
        let unopened = told.clone().opened(&store, &outsider).await;
        assert_eq!((unopened.witness, unopened.raw_sha256), (None, None));
        let mut moved = Metadata::of("Incr-00000021-00000030-1700000001.age").unwrap();
        moved.encryption = told.encryption;
        assert_eq!(moved.opened(&store, &keys).await.witness, None);
    }

    /// The longest key still leaves a document that is read.
    #[tokio::test]
    async fn a_long_key_takes_no_more_than_there_is_room_for() {
        let (keys, store) = (keys(), snapstore::memory::MemoryStore::new());
        let longest = vec![7; super::super::MAX_WITNESS_KEY];
        let told = metadata(&keys, NAME, &longest).told(&keys);
        Metadata::parse(&told.to_json().unwrap()).unwrap();
        let opened = told.opened(&store, &keys).await;
        assert_eq!(opened.raw_sha256, Some("ab".repeat(32)));
    }
}
