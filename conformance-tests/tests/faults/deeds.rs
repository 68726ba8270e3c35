//! What is done to a store while it suffers, and what must hold afterwards.

use std::future::Future;
use std::pin::Pin;

use futures::stream;
use snapstore::{
    Bytes, ErrorKind, Key, ListRequest, ObjectId, PutOptions, Sending, SnapstoreExt, UploadOptions,
    send,
};

use crate::bench::{Bench, said};

type Done<'a> = Pin<Box<dyn Future<Output = Result<(), String>> + Send + 'a>>;

/// One operation.
pub(crate) struct Deed {
    pub(crate) name: &'static str,
    pub(crate) run: for<'a> fn(&'a Bench, &'a Key) -> Done<'a>,
}

macro_rules! deeds {
    ($($deed:ident),+ $(,)?) => {
        pub(crate) const DEEDS: &[Deed] = &[$(
            Deed {
                name: stringify!($deed),
                run: |bench, key| Box::pin($deed(bench, key)),
            }
        ),+];
    };
}

deeds!(
    put,
    put_where_taken,
    overwrite,
    overwrite_of_parts,
    send_in_parts,
    abort,
    get,
    get_range,
    head,
    list,
    delete,
    delete_of_parts
);

const LENGTH: usize = 300_000;

fn bytes(seed: u64, length: usize) -> Bytes {
    let mut bytes = vec![0; length];
    fastrand::Rng::with_seed(seed).fill(&mut bytes);
    bytes.into()
}

async fn stored(b: &Bench, key: &Key) -> Result<(ObjectId, Bytes), String> {
    let data = bytes(1, LENGTH);
    let put = b.store.put(key, data.clone(), PutOptions::default());
    put.await.map_err(said)?;
    Ok((key.clone().into(), data))
}

/// Also when the reply was lost: whoever is told `AlreadyExists` of its own object gives up a good
/// backup.
async fn put(b: &Bench, key: &Key) -> Result<(), String> {
    let data = bytes(2, LENGTH);
    let put = b.store.put(key, data.clone(), PutOptions::default());
    let meta = b.suffers(put).await.map_err(said)?;
    if meta.size != LENGTH as u64 {
        return Err(format!("put says {} bytes", meta.size));
    }
    b.holds_only(&[(key, &data)]).await?;
    b.clean(key).await
}

/// Another's object is not taken for our own, whatever happened to the reply.
async fn put_where_taken(b: &Bench, key: &Key) -> Result<(), String> {
    let (_, held) = stored(b, key).await?;
    let put = b.store.put(key, bytes(3, LENGTH), PutOptions::default());
    match b.suffers(put).await {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        other => return Err(format!("the key is taken, and put says {other:?}")),
    }
    b.holds_only(&[(key, &held)]).await?;
    b.clean(key).await
}

async fn overwrite(b: &Bench, key: &Key) -> Result<(), String> {
    stored(b, key).await?;
    let data = bytes(4, LENGTH / 2);
    let put = b.store.put(key, data.clone(), PutOptions::overwrite());
    b.suffers(put).await.map_err(said)?;
    b.holds_only(&[(key, &data)]).await?;
    b.clean(key).await
}

/// What was replaced leaves nothing: its parts were forgotten when one of them could not be removed
/// at once, as the second try found the new object without any.
async fn overwrite_of_parts(b: &Bench, key: &Key) -> Result<(), String> {
    in_parts(b, key).await.map_err(said)?;
    let data = bytes(4, LENGTH / 2);
    let put = b.store.put(key, data.clone(), PutOptions::overwrite());
    b.suffers(put).await.map_err(said)?;
    b.holds_only(&[(key, &data)]).await?;
    nothing_is_left(b).await?;
    b.clean(key).await
}

/// Stores an object of two parts.
async fn in_parts(b: &Bench, key: &Key) -> snapstore::Result<Bytes> {
    let part_size = shortest_part(b);
    let data = bytes(5, part_size as usize + 1000);
    let body = stream::iter([Ok(data.clone())]);
    let sending = Sending {
        part_size,
        parallel: 1,
        ..Sending::default()
    };
    send(&*b.store, key, body, sending).await?;
    Ok(data)
}

async fn nothing_is_left(b: &Bench) -> Result<(), String> {
    match b.leftovers().await? {
        0 => Ok(()),
        some => Err(format!("parts of {some} objects are left that are gone")),
    }
}

/// Two parts; the reply that is lost may be that of the completion.
async fn send_in_parts(b: &Bench, key: &Key) -> Result<(), String> {
    let data = b.suffers(in_parts(b, key)).await.map_err(said)?;
    b.holds_only(&[(key, &data)]).await?;
    // What a lost reply has begun twice goes; what is whole stays.
    b.leftovers().await?;
    b.holds_only(&[(key, &data)]).await?;
    b.clean(key).await
}

async fn abort(b: &Bench, key: &Key) -> Result<(), String> {
    let part_size = shortest_part(b);
    let options = UploadOptions {
        mode: Default::default(),
        part_size,
    };
    let upload = b.store.start_upload(key, options).await.map_err(said)?;
    let part = bytes(6, part_size as usize);
    upload.part(1, part).await.map_err(said)?;
    b.suffers(upload.abort()).await.map_err(said)?;
    b.holds_only(&[]).await?;
    match b.leftovers().await? {
        0 => Ok(()),
        some => Err(format!(
            "it was aborted, and {some} abandoned uploads are left"
        )),
    }
}

async fn get(b: &Bench, key: &Key) -> Result<(), String> {
    let (id, data) = stored(b, key).await?;
    let held = b.suffers(b.store.read(&id)).await.map_err(said)?;
    if held != data {
        return Err(format!("{} other bytes were read", held.len()));
    }
    b.clean(key).await
}

async fn get_range(b: &Bench, key: &Key) -> Result<(), String> {
    let (id, data) = stored(b, key).await?;
    let read = async {
        let download = b.store.get(&id, Some(1000..200_000)).await?;
        futures::TryStreamExt::try_collect::<Vec<_>>(download.body).await
    };
    let held = b.suffers(read).await.map_err(said)?.concat();
    if held != data[1000..200_000] {
        return Err(format!("{} other bytes were read", held.len()));
    }
    b.clean(key).await
}

async fn head(b: &Bench, key: &Key) -> Result<(), String> {
    let (id, data) = stored(b, key).await?;
    let meta = b.suffers(b.store.head(&id)).await.map_err(said)?;
    if meta.size != data.len() as u64 {
        return Err(format!("head says {} bytes", meta.size));
    }
    b.clean(key).await
}

/// A listing that breaks off is not a store with fewer backups.
async fn list(b: &Bench, key: &Key) -> Result<(), String> {
    let other = b.key("other/backup");
    for key in [key, &other] {
        stored(b, key).await?;
    }
    let listed = b.store.list_all(ListRequest::default());
    let listed = b.suffers(listed).await.map_err(said)?;
    if listed.len() != 2 {
        return Err(format!("{} of 2 objects are listed", listed.len()));
    }
    b.store.delete(&other.into()).await.map_err(said)?;
    b.clean(key).await
}

async fn delete(b: &Bench, key: &Key) -> Result<(), String> {
    let (id, _) = stored(b, key).await?;
    b.suffers(b.store.delete(&id)).await.map_err(said)?;
    b.holds_only(&[]).await?;
    match b.store.head(&id).await {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => Err(format!("it was deleted, and head says {other:?}")),
    }
}

/// The object is gone first, and its parts were forgotten when one of them could not be removed at
/// once: the second try found no object, and that was success.
async fn delete_of_parts(b: &Bench, key: &Key) -> Result<(), String> {
    in_parts(b, key).await.map_err(said)?;
    let id = key.clone().into();
    b.suffers(b.store.delete(&id)).await.map_err(said)?;
    b.holds_only(&[]).await?;
    nothing_is_left(b).await
}

pub(crate) fn shortest_part(b: &Bench) -> u64 {
    let limits = b.store.capabilities().uploads.clone();
    limits
        .map_or(1, |limits| *limits.part_size.start())
        .max(LENGTH as u64)
}
