use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use snapstore::{
    Bytes, ErrorKind, Key, ListRequest, ObjectId, ObjectMeta, PutOptions, Result, Snapstore,
    SnapstoreExt, Upload, UploadOptions, Versions,
};

use crate::failure::ensure;
use crate::{Failure, Outcome};

/// What a case works with: a store, and a corner of it that nobody else uses.
#[derive(Debug, Clone)]
pub struct Context {
    /// The store on trial.
    pub store: Arc<dyn Snapstore>,
    prefix: String,
    seed: u64,
}

impl Context {
    /// A corner of `store` whose name, and whose random bytes, follow from `seed`.
    pub fn new(store: Arc<dyn Snapstore>, seed: u64) -> Self {
        Self {
            store,
            prefix: format!("conformance-{seed:016x}/"),
            seed,
        }
    }

    /// A corner of this one, for the next round in it.
    pub(crate) fn within(&self, round: u32) -> Self {
        Self {
            prefix: format!("{}round-{round}/", self.prefix),
            ..self.clone()
        }
    }

    /// Everything the case may touch begins with this; it ends in `/`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The key `name` in the corner of this case. `name` must be a legal key itself.
    pub fn key(&self, name: &str) -> Key {
        let name = format!("{}{name}", self.prefix);
        Key::new(name).unwrap_or_else(|error| unreachable!("{error}"))
    }

    /// So many bytes, the same at each call with the same `which`.
    pub fn bytes(&self, which: u64, length: usize) -> Bytes {
        let mut random = fastrand::Rng::with_seed(self.seed ^ which.wrapping_mul(0x9e37));
        let mut bytes = vec![0; length];
        random.fill(&mut bytes);
        bytes.into()
    }

    /// Puts an object where none may be.
    pub async fn put(&self, key: &Key, data: impl Into<Bytes>) -> Result<ObjectMeta> {
        let options = PutOptions::default();
        self.store.put(key, data.into(), options).await
    }

    /// Puts an object, whatever is there.
    pub async fn overwrite(&self, key: &Key, data: impl Into<Bytes>) -> Result<ObjectMeta> {
        let options = PutOptions::overwrite();
        self.store.put(key, data.into(), options).await
    }

    /// A whole object.
    pub async fn read(&self, key: &Key) -> Result<Bytes> {
        self.store.read(&key.clone().into()).await
    }

    /// The keys below `prefix`, which follows the prefix of the case; sorted.
    pub async fn list(&self, prefix: &str) -> Result<Vec<Key>> {
        let request = ListRequest::under(format!("{}{prefix}", self.prefix));
        let listed = self.store.list_all(request).await?;
        let mut keys: Vec<_> = listed.into_iter().map(|object| object.id.key).collect();
        keys.sort();
        Ok(keys)
    }

    /// Begins an upload with parts of [`Context::part_size`].
    pub async fn upload(&self, key: &Key, options: PutOptions) -> Result<Box<dyn Upload>> {
        let options = UploadOptions {
            mode: options.mode,
            part_size: self.part_size() as u64,
        };
        self.store.start_upload(key, options).await
    }

    /// The shortest part that the store takes, in bytes, but at least 1000.
    pub fn part_size(&self) -> usize {
        let limits = self.store.capabilities().uploads.as_ref();
        let shortest = limits.map_or(0, |limits| *limits.part_size.start());
        usize::try_from(shortest).unwrap_or(usize::MAX).max(1000)
    }

    /// The object must hold exactly these bytes.
    pub async fn holds(&self, key: &Key, expected: &[u8]) -> Outcome {
        let held = self.read(key).await?;
        ensure!(
            held == expected,
            "{key} should hold {} and holds {}",
            shown(expected),
            shown(&held)
        );
        Ok(())
    }

    /// There must be no such object: not for head, not for get, not in a listing.
    pub async fn is_absent(&self, key: &Key) -> Outcome {
        let id = ObjectId::from(key.clone());
        let not_found = ErrorKind::NotFound;
        self.refused("head", self.store.head(&id).await, not_found)?;
        self.refused("get", self.store.get(&id, None).await, not_found)?;
        let listed = self.list("").await?;
        ensure!(!listed.contains(key), "{key} is listed and does not exist");
        Ok(())
    }

    /// `answer` must be an error of just this kind.
    pub fn refused<T>(&self, call: &str, answer: Result<T>, kind: ErrorKind) -> Outcome {
        match answer {
            Err(error) if error.kind() == kind => Ok(()),
            Err(error) => {
                let answered = error.kind();
                let sentence =
                    format!("{call} should answer {kind:?} and answered {answered:?}: {error}");
                Err(Failure::by(sentence, &error))
            }
            Ok(_) => Err(Failure::new(format!(
                "{call} should answer {kind:?} and succeeded"
            ))),
        }
    }

    /// Removes what the case has left, old versions too. Returns how many objects would not go,
    /// which a policy of the store may forbid.
    ///
    /// Errors: nobody knows what is left, since it cannot be listed.
    pub async fn clean(&self) -> Result<u64> {
        remove_all(&*self.store, self.prefix()).await
    }
}

/// Removes every object under `prefix`, and every version of it. Returns how many would not go.
pub async fn remove_all(store: &dyn Snapstore, prefix: &str) -> Result<u64> {
    let versions = match store.capabilities().versions {
        true => Versions::All,
        false => Versions::Current,
    };
    let request = ListRequest {
        versions,
        ..ListRequest::under(prefix)
    };
    let there = store.list_all(request).await?;
    let removed = stream::iter(&there)
        .map(|object| store.delete(&object.id))
        .buffer_unordered(REMOVED_AT_ONCE);
    let refused = removed.filter(|removed| std::future::ready(removed.is_err()));
    Ok(refused.count().await as u64)
}

const REMOVED_AT_ONCE: usize = 16;

/// Bytes for a message: all of a few, the length of many.
pub(crate) fn shown(bytes: &[u8]) -> String {
    match bytes.len() {
        0..=40 => format!("\"{}\"", bytes.escape_ascii()),
        many => format!("{many} bytes"),
    }
}

/// The body of a download, whole.
pub(crate) async fn body(download: snapstore::Download) -> Result<Vec<u8>> {
    let pieces: Vec<Bytes> = download.body.try_collect().await?;
    Ok(pieces.concat())
}
