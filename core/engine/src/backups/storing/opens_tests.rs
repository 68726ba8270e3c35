use std::time::Duration;

use snapstore::clock::SystemClock;
use snapstore::memory::MemoryStore;
use snapstore::{Bytes, PutOptions};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::encryption::{Identities, Recipients, key_of};

fn keyring() -> Keyring {
    let file = tempfile::NamedTempFile::new().unwrap();
    let operator = age::x25519::Identity::generate().to_public().to_string();
    std::fs::write(file.path(), operator).unwrap();
    let recipients = Recipients::read(file.path()).unwrap();
    Keyring::new(recipients, Identities::default())
}

/// A full takes minutes, and its key was looked for only before it was sent: what had counted as taken could be opened by nobody.
#[tokio::test]
async fn a_key_that_goes_while_its_object_is_on_its_way_is_back_when_that_counts() {
    let (store, keys) = (MemoryStore::new(), keyring());
    let object = Key::new("v2/Full-00000000-00000042-1700000000.age").unwrap();
    let with = key_for(&store, &keys, (&object, Place::Begins))
        .await
        .unwrap()
        .unwrap();
    let key = ObjectId::from(key_of(with.id()).unwrap());
    let sealed = sealer(&object, &with)
        .unwrap()
        .all_of(b"what etcd had")
        .unwrap();
    let size = sealed.len() as u64;
    store.delete(&key).await.unwrap();
    let put = store.put(&object, Bytes::from(sealed), PutOptions::default());
    put.await.unwrap();
    let waits = Waits {
        clock: &SystemClock,
        stall: Duration::MAX,
        cancel: &CancellationToken::new(),
    };
    opens((&store, &keys), (&object, size), Some(&with), waits)
        .await
        .unwrap();
    assert!(store.head(&key).await.is_ok(), "the key is gone");
}
