//! What abandoned uploads leave, and that nothing else is swept away with it. Here, since a sweep goes
//! over a whole store: each of these has a corner of the bucket of its own.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libtest_mimic::Trial;
use snapstore::{Bytes, Key, PartReceipt, PutOptions, Upload, UploadOptions};
use tokio::runtime::Runtime;

use crate::bench::{Bench, said};
use crate::deeds::shortest_part;
use crate::{gap, trial};
use testkit::stores::Stand;

/// Observed with the version that is pinned: a listing of uploads under a prefix is empty.
const MINIO_HIDES_UPLOADS: &str = "MinIO lists the uploads of one whole key only, and removes dead ones itself after a day: see \
     s3(moto)";

pub(crate) fn trials(stand: &Stand, runtime: &Arc<Runtime>) -> Vec<Trial> {
    let name = |what| format!("{}::dead::{what}", stand.name);
    let [young, slow, dead, sibling] = [(); 4].map(|()| stand.clone());
    let swept = name("only_the_dead_are_swept");
    vec![
        trial(runtime, name("a_young_upload_is_left_alone"), async move {
            a_young_upload_is_left_alone(&young).await
        }),
        trial(runtime, name("a_slow_upload_is_left_alone"), async move {
            a_slow_upload_is_left_alone(&slow).await
        }),
        match stand.name.starts_with("s3(minio") {
            true => gap(&swept, MINIO_HIDES_UPLOADS),
            false => trial(runtime, swept, async move {
                only_the_dead_are_swept(&dead).await
            }),
        },
        trial(runtime, name("a_sibling_is_left_alone"), async move {
            a_sibling_is_left_alone(&sibling).await
        }),
    ]
}

/// An upload with its first part, and what that part holds.
async fn begun(b: &Bench, key: &Key) -> Result<(Box<dyn Upload>, PartReceipt, Bytes), String> {
    let part_size = shortest_part(b);
    let options = UploadOptions {
        mode: Default::default(),
        part_size,
    };
    let upload = b.store.start_upload(key, options).await.map_err(said)?;
    let data = Bytes::from(vec![3; part_size as usize]);
    let receipt = upload.part(1, data.clone()).await.map_err(said)?;
    Ok((upload, receipt, data))
}

async fn a_young_upload_is_left_alone(stand: &Stand) -> Result<(), String> {
    let b = Bench::open(stand).await?;
    let key = b.key("v2/Full-1");
    let (upload, receipt, data) = begun(&b, &key).await?;
    match b.store.sweep(UNIX_EPOCH).await.map_err(said)? {
        0 => {}
        some => return Err(format!("{some} uploads were swept, and none is that old")),
    }
    upload.complete(&[receipt]).await.map_err(said)?;
    b.holds_only(&[(&key, &data)]).await?;
    b.clean(&key).await
}

/// It may have begun long ago, as moto says of all of them (in 2010); a part has just come.
async fn a_slow_upload_is_left_alone(stand: &Stand) -> Result<(), String> {
    let b = Bench::open(stand).await?;
    let key = b.key("v2/Full-1");
    let (upload, receipt, data) = begun(&b, &key).await?;
    #[expect(
        clippy::disallowed_methods,
        reason = "the server has a clock of its own"
    )]
    let hour_ago = SystemTime::now() - Duration::from_secs(3600);
    match b.store.sweep(hour_ago).await.map_err(said)? {
        0 => {}
        some => {
            return Err(format!(
                "{some} uploads were swept that still receive parts"
            ));
        }
    }
    upload.complete(&[receipt]).await.map_err(said)?;
    b.holds_only(&[(&key, &data)]).await?;
    b.clean(&key).await
}

async fn only_the_dead_are_swept(stand: &Stand) -> Result<(), String> {
    let b = Bench::open(stand).await?;
    let (whole, put, dead) = (b.key("v2/Full-1"), b.key("v2/Full-2"), b.key("v2/Full-3"));
    let (upload, receipt, data) = begun(&b, &whole).await?;
    upload.complete(&[receipt]).await.map_err(said)?;
    let small = Bytes::from_static(b"small");
    let stored = b.store.put(&put, small.clone(), PutOptions::default());
    stored.await.map_err(said)?;
    drop(begun(&b, &dead).await?);
    let swept = b.leftovers().await?;
    // Azure throws blocks away by itself, after a week, and has no request for it.
    let expected = u64::from(!stand.name.starts_with("abs("));
    if swept != expected {
        return Err(format!(
            "{swept} abandoned uploads were swept, not {expected}"
        ));
    }
    b.holds_only(&[(&whole, &data), (&put, &small)]).await?;
    b.store.delete(&put.into()).await.map_err(said)?;
    b.clean(&whole).await?;
    b.leaves_nothing().await
}

async fn a_sibling_is_left_alone(stand: &Stand) -> Result<(), String> {
    let (mine, other) = (Bench::open(stand).await?, Bench::open(stand).await?);
    let key = other.key("v2/Full-1");
    let (upload, receipt, data) = begun(&other, &key).await?;
    mine.leaves_nothing().await?;
    upload.complete(&[receipt]).await.map_err(said)?;
    other.holds_only(&[(&key, &data)]).await?;
    other.clean(&key).await
}
