//! Faults that do not end: an error that says what failed, and nothing half done.

use std::sync::Arc;

use futures::stream;
use libtest_mimic::Trial;
use snapstore::{Bytes, Error, ErrorKind, Key, PutOptions, Sending, SnapstoreExt, send};
use testkit::proxy::Fault;
use tokio::runtime::Runtime;

use crate::bench::{Bench, said};
use crate::deeds::shortest_part;
use crate::trial;
use testkit::stores::Stand;

pub(crate) fn trials(stand: &Stand, runtime: &Arc<Runtime>) -> Vec<Trial> {
    let name = |what| format!("{}::faults::{what}", stand.name);
    let [broken, denied, cut] = [stand.clone(), stand.clone(), stand.clone()];
    vec![
        trial(runtime, name("a_broken_provider_is_named"), async move {
            a_broken_provider_is_named(&broken).await
        }),
        trial(
            runtime,
            name("what_is_denied_is_not_repeated"),
            async move { what_is_denied_is_not_repeated(&denied).await },
        ),
        trial(runtime, name("a_cut_upload_is_not_listed"), async move {
            a_cut_upload_is_not_listed(&cut).await
        }),
    ]
}

/// The error of an operation on `key` that cannot have worked.
fn names<T>(key: &Key, done: Result<T, Error>) -> Result<Error, String> {
    let error = done.err().ok_or("an error was reported as a success")?;
    if error.key() == Some(key) {
        Ok(error)
    } else {
        Err(format!("the error does not name {key}: {error}"))
    }
}

async fn a_broken_provider_is_named(stand: &Stand) -> Result<(), String> {
    let b = Bench::open(stand).await?;
    let (key, kept) = (b.key("v2/Full-1"), b.key("kept"));
    let data = Bytes::from_static(b"kept");
    let put = b.store.put(&kept, data.clone(), PutOptions::default());
    put.await.map_err(said)?;
    let (id, broken) = (kept.clone().into(), || Fault::status(500));
    let put = b.store.put(&key, data.clone(), PutOptions::default());
    names(&key, b.suffers_always(broken(), put).await)?;
    let sent = send(&*b.store, &key, body(&b), sending(&b));
    names(&key, b.suffers_always(broken(), sent).await)?;
    names(&kept, b.suffers_always(broken(), b.store.read(&id)).await)?;
    names(&kept, b.suffers_always(broken(), b.store.head(&id)).await)?;
    names(&kept, b.suffers_always(broken(), b.store.delete(&id)).await)?;
    let listed = b.store.list_all(Default::default());
    let listed = b.suffers_always(broken(), listed).await;
    if listed.is_ok() {
        return Err("no listing was to be had, and it was reported as one".into());
    }
    b.holds_only(&[(&kept, &data)]).await?;
    b.clean(&kept).await?;
    b.leaves_nothing().await
}

/// Repeating what is forbidden locks accounts.
async fn what_is_denied_is_not_repeated(stand: &Stand) -> Result<(), String> {
    let b = Bench::open(stand).await?;
    let key = b.key("v2/Full-1");
    let before = b.proxy.faults();
    let put = b.store.put(&key, "x".into(), PutOptions::default());
    let error = names(&key, b.suffers_always(Fault::status(403), put).await)?;
    if error.kind() != ErrorKind::Denied {
        return Err(format!("a 403 is not Denied but {error}"));
    }
    match b.proxy.faults() - before {
        1 => b.holds_only(&[]).await,
        many => Err(format!("what is denied was asked for {many} times")),
    }
}

/// The parts arrive, and then the connection is gone for good.
async fn a_cut_upload_is_not_listed(stand: &Stand) -> Result<(), String> {
    let b = Bench::open(stand).await?;
    let key = b.key("v2/Full-1");
    let part_size = shortest_part(&b);
    let options = snapstore::UploadOptions {
        mode: Default::default(),
        part_size,
    };
    let upload = b.store.start_upload(&key, options).await.map_err(said)?;
    let receipt = upload.part(1, vec![1; part_size as usize].into());
    let receipts = [receipt.await.map_err(said)?];
    let completed = upload.complete(&receipts);
    names(&key, b.suffers_always(Fault::ResetRequest, completed).await)?;
    b.holds_only(&[]).await?;
    let aborted = b.suffers_always(Fault::ResetRequest, upload.abort()).await;
    drop((aborted, upload));
    b.holds_only(&[]).await?;
    b.leaves_nothing().await
}

fn body(b: &Bench) -> impl stream::Stream<Item = Result<Bytes, Error>> + Send + use<> {
    let length = shortest_part(b) as usize + 1000;
    stream::iter([Ok(Bytes::from(vec![7; length]))])
}

fn sending(b: &Bench) -> Sending {
    Sending {
        part_size: shortest_part(b),
        ..Sending::default()
    }
}
