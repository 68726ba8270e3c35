use snapstore::memory::MemoryStore;
use snapstore::{Bytes, Key, ObjectId};

use super::*;
use crate::encryption::{key_of, recipients_of};

/// For an operator, whose identity nobody here has.
fn recipients() -> Recipients {
    let operator = age::x25519::Identity::generate();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), operator.to_public().to_string()).unwrap();
    Recipients::read(file.path()).unwrap()
}

async fn put(store: &MemoryStore, key: &Key, object: &[u8]) {
    let bytes = Bytes::copy_from_slice(object);
    let put = store.put(key, bytes, PutOptions::overwrite());
    put.await.unwrap();
}

/// A snapshotter takes backups without an identity, and went on for days with a key in the store that opened for nobody: damaged, cut, or
/// that of another chain.
#[tokio::test]
async fn a_key_that_was_damaged_is_written_again() {
    let (store, keys) = (
        MemoryStore::new(),
        Keyring::new(recipients(), Identities::default()),
    );
    let key = keys.begin_chain().unwrap();
    keys.keep(&store, key.id()).await.unwrap();
    let (place, whole) = (
        key_of(key.id()).unwrap(),
        read(&store, key.id()).await.unwrap(),
    );
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let mut other_recipient = whole.clone();
    other_recipient[40] ^= 1;
    let other = ChainKey::generate().wrapped(&recipients()).unwrap();
    let long = vec![b'x'; 64 << 10];
    for damaged in [
        &flipped,
        &other_recipient,
        &whole[..100].to_vec(),
        &Vec::new(),
        &other,
        &long,
    ] {
        put(&store, &place, damaged).await;
        keys.keep(&store, key.id()).await.unwrap();
        assert_eq!(read(&store, key.id()).await.unwrap(), whole);
    }
}

/// A rotation is not undone by whoever runs on with the recipients of before.
#[tokio::test]
async fn a_key_that_was_rotated_stays() {
    let (store, keys) = (
        MemoryStore::new(),
        Keyring::new(recipients(), Identities::default()),
    );
    let key = keys.begin_chain().unwrap();
    keys.keep(&store, key.id()).await.unwrap();
    let rotated = key.wrapped(&recipients()).unwrap();
    put(&store, &key_of(key.id()).unwrap(), &rotated).await;
    keys.keep(&store, key.id()).await.unwrap();
    assert_eq!(read(&store, key.id()).await.unwrap(), rotated);
}

/// One that is gone comes back; of another run nothing is known.
#[tokio::test]
async fn a_key_that_is_gone_is_written_again() {
    let (store, keys) = (
        MemoryStore::new(),
        Keyring::new(recipients(), Identities::default()),
    );
    let key = keys.begin_chain().unwrap();
    for _ in 0..2 {
        keys.keep(&store, key.id()).await.unwrap();
        let place = ObjectId::from(key_of(key.id()).unwrap());
        store.delete(&place).await.unwrap();
    }
    keys.keep(&store, ChainKey::generate().id()).await.unwrap();
    assert!(read(&store, key.id()).await.is_err());
}

/// That a key is also for itself is nothing that operators count.
#[test]
fn a_key_is_for_its_recipients_and_for_nobody_else() {
    let key = ChainKey::generate();
    assert_eq!(
        recipients_of(&key.wrapped(&recipients()).unwrap()).unwrap(),
        1
    );
    assert!(
        key.wrapped(&Recipients::default()).is_err(),
        "it would be for itself alone"
    );
    let other = ChainKey::generate().wrapped(&recipients()).unwrap();
    assert!(!key.is_kept_in(&other));
}

/// Who has given the identity of no recipient is told before anything rests on it.
#[test]
fn identities_are_tried_on_recipients() {
    let operator = age::x25519::Identity::generate();
    let file = tempfile::NamedTempFile::new().unwrap();
    use age::secrecy::ExposeSecret;
    std::fs::write(file.path(), operator.to_string().expose_secret()).unwrap();
    let identities = Identities::read(file.path()).unwrap();
    std::fs::write(file.path(), operator.to_public().to_string()).unwrap();
    let own = Recipients::read(file.path()).unwrap();
    let keys = Keyring::new(own, identities);
    assert!(keys.opens_its_own().unwrap());
    assert!(!keys.opens_for(&recipients()).unwrap());
    assert!(!Keyring::default().opens_for(&recipients()).unwrap());
}
