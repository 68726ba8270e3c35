//! What the store makes of answers that no emulator gives; all from a STUB (tests/stub).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod stub;

use std::time::{Duration, SystemTime};

use serde_json::json;
use snapstore::{
    Bytes, ErrorKind, Key, ListRequest, ObjectId, PutMode, PutOptions, Result, Snapstore,
    StoreConfig, Upload, UploadOptions,
};
use snapstore_gcs::GcsStore;
use stub::{Answer, Asked, Stub};

const OBJECTS: &str = "/storage/v1/b/bk/o";

fn refusal(status: u16, reason: &str, message: &str) -> Answer {
    let error = json!({"code": status, "message": message, "errors": [{"reason": reason}]});
    (status, json!({"error": error}).to_string())
}

fn object(name: &str, more: serde_json::Value) -> serde_json::Value {
    let mut object = json!({
        "name": name, "size": "4", "generation": "7", "timeCreated": "2026-11-22T09:13:06.123Z",
    });
    let more = more.as_object().unwrap().clone();
    object.as_object_mut().unwrap().extend(more);
    object
}

async fn open(stub: &Stub) -> Result<GcsStore> {
    GcsStore::open(&StoreConfig {
        container: "bk".into(),
        prefix: "etcd".into(),
        endpoint_override: Some(stub.url.as_str().into()),
        ..StoreConfig::default()
    })
    .await
}

fn key() -> Key {
    Key::new("v2/x").unwrap()
}

#[tokio::test]
async fn a_missing_bucket_is_said_at_once() {
    let stub =
        Stub::start(|_| refusal(404, "notFound", "The specified bucket does not exist.")).await;
    let error = open(&stub).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("no bucket \"bk\""), "{error}");
}

/// The roles for objects alone have no `storage.buckets.get`.
#[tokio::test]
async fn an_account_that_may_not_see_the_bucket_may_use_it() {
    let stub = Stub::start(|asked| match asked.line.contains("maxResults") {
        true => (200, "{}".to_owned()),
        false => refusal(403, "forbidden", "no storage.buckets.get"),
    })
    .await;
    let store = open(&stub).await.unwrap();
    assert!(!store.capabilities().versions);
}

#[tokio::test]
async fn retention_is_reported_and_respected() {
    let stub = Stub::start(|asked| match asked.line.split(' ').next() {
        Some("DELETE") => refusal(
            403,
            "retentionPolicyNotMet",
            "is subject to bucket's retention",
        ),
        _ if asked.line.contains("etcd%2Fv2%2Fx") => {
            let until = json!({"retentionExpirationTime": "2027-01-01T00:00:00Z"});
            (200, object("etcd/v2/x", until).to_string())
        }
        _ => (200, "{}".to_owned()),
    })
    .await;
    let (store, id) = (open(&stub).await.unwrap(), ObjectId::from(key()));
    let until = store.head(&id).await.unwrap().retain_until.unwrap();
    let year = Duration::from_secs(1_798_761_600);
    assert_eq!(until, SystemTime::UNIX_EPOCH + year);
    let error = store.delete(&id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Immutable);
    assert_eq!(error.key(), Some(&key()));
}

/// A part that was written, or a completion. `complete` answers the latter.
fn uploading(asked: &Asked, complete: impl Fn(&Asked) -> Answer) -> Answer {
    if asked.line.starts_with("POST /upload") {
        return (200, object("part", json!({"size": "4"})).to_string());
    }
    match asked.line.contains("v2%2Fx") {
        true => complete(asked),
        false => (200, "{}".to_owned()),
    }
}

async fn complete(stub: &Stub) -> (Result<snapstore::ObjectMeta>, Box<dyn Upload>) {
    let store = open(stub).await.unwrap();
    let options = UploadOptions {
        mode: PutMode::CreateNew,
        part_size: 4,
    };
    let upload = store.start_upload(&key(), options).await.unwrap();
    let part = upload.part(1, Bytes::from_static(b"abcd")).await.unwrap();
    (upload.complete(&[part]).await, upload)
}

fn compositions(stub: &Stub) -> Vec<serde_json::Value> {
    let target = format!("POST {OBJECTS}/etcd%2Fv2%2Fx/compose");
    let asked = stub.asked(&target);
    assert!(
        asked
            .iter()
            .all(|asked| asked.line.contains("ifGenerationMatch=0"))
    );
    let bodies = asked.iter().map(|asked| serde_json::from_str(&asked.body));
    bodies.collect::<Result<_, _>>().unwrap()
}

/// fake-gcs-server 1.56.1 composes whatever stands there.
#[tokio::test]
async fn a_taken_name_is_not_composed_over() {
    let stub = Stub::start(|asked| {
        uploading(asked, |asked| match asked.line.starts_with("POST") {
            true => refusal(412, "conditionNotMet", ""),
            false => (
                200,
                object("etcd/v2/x", json!({"metadata": {"etcdbr-upload": "other"}})).to_string(),
            ),
        })
    })
    .await;
    let error = complete(&stub).await.0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    let sent = compositions(&stub).remove(0);
    assert_eq!(sent["sourceObjects"][0]["generation"], "7");
    assert_eq!(sent["deleteSourceObjects"], true);
}

/// The reply to the first completion was lost: the parts are gone, and the object is ours.
#[tokio::test]
async fn a_lost_reply_is_no_failure() {
    let stub = Stub::start(|asked| {
        uploading(asked, |_| {
            refusal(404, "notFound", "a component is not there")
        })
    })
    .await;
    let (failed, upload) = complete(&stub).await;
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::NotFound);

    let sent = compositions(&stub).remove(0);
    let id = sent["destination"]["metadata"]["etcdbr-upload"].clone();
    assert!(format!("{upload:?}").contains(id.as_str().unwrap()));
    let meta = complete(&done_before("4").await).await.0.unwrap();
    assert_eq!((meta.size, meta.etag.as_deref()), (4, Some("7")));
}

/// Whatever bears the mark of the upload was taken for the whole of it.
#[tokio::test]
async fn what_has_another_length_is_not_what_was_made() {
    let error = complete(&done_before("5").await).await.0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

/// A completion finds its parts gone, and an object of the same upload with so many bytes.
async fn done_before(size: &'static str) -> Stub {
    // Another stub cannot know the id, so the answer is built from the question.
    let ids = std::sync::Mutex::new(json!(null));
    Stub::start(move |asked| {
        uploading(asked, |asked| match asked.line.starts_with("POST") {
            true => {
                let sent: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
                *ids.lock().unwrap() = sent["destination"]["metadata"].clone();
                refusal(404, "notFound", "a component is not there")
            }
            false => {
                let ours = json!({"metadata": *ids.lock().unwrap(), "size": size});
                (200, object("etcd/v2/x", ours).to_string())
            }
        })
    })
    .await
}

/// An account that may add and not delete, or a bucket that retains the parts.
#[tokio::test]
async fn parts_that_cannot_be_removed_are_composed_all_the_same() {
    let stub = Stub::start(|asked| {
        uploading(asked, |asked| {
            match asked.body.contains("\"deleteSourceObjects\":true") {
                true => refusal(403, "forbidden", "no storage.objects.delete"),
                false => (200, object("etcd/v2/x", json!({})).to_string()),
            }
        })
    })
    .await;
    complete(&stub).await.0.unwrap();
    assert_eq!(compositions(&stub).len(), 2);
}

#[tokio::test]
async fn abandoned_uploads_are_swept_and_live_ones_are_not() {
    let staged = |id: &str, part: &str, time: &str| {
        object(
            &format!("etcd/.etcdbr-uploads/{id}/{part}"),
            json!({"timeCreated": time}),
        )
    };
    let (old, new) = ("2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z");
    let items = json!({"items": [
        staged("dead", "00001-a", old),
        staged("dead", "00002-b", old),
        staged("live", "00001-a", old),
        staged("live", "00002-b", new),
    ]});
    let stub = Stub::start(move |asked| match asked.line.contains("uploads") {
        true if asked.line.starts_with("GET") => (200, items.to_string()),
        _ => (200, "{}".to_owned()),
    })
    .await;
    let store = open(&stub).await.unwrap();
    let idle_since = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_219_200); // 2026-11-21
    assert_eq!(store.sweep(idle_since).await.unwrap(), 1);
    let mut deleted: Vec<_> = stub.asked("DELETE").into_iter().map(|d| d.line).collect();
    deleted.sort();
    let part = |name: &str| {
        format!("DELETE {OBJECTS}/etcd%2F.etcdbr-uploads%2Fdead%2F{name}?generation=7")
    };
    assert_eq!(deleted, [part("00001-a"), part("00002-b")]);
}

/// A proxy that lost the prefix on its way was taken for a store with nothing to sweep: what had not been
/// asked for was left out without a word.
#[tokio::test]
async fn a_sweep_of_another_listing_removes_nothing_and_says_so() {
    let items = json!({"items": [
        object("etcd/.etcdbr-uploads/dead/00001-a", json!({"timeCreated": "2026-11-20T00:00:00Z"})),
        object("etcd/v2/backup", json!({"timeCreated": "2026-11-20T00:00:00Z"})),
    ]});
    let stub = Stub::start(move |asked| match asked.line.contains("uploads") {
        true if asked.line.starts_with("GET") => (200, items.to_string()),
        _ => (200, "{}".to_owned()),
    })
    .await;
    let store = open(&stub).await.unwrap();
    let idle_since = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_219_200); // 2026-11-21
    let error = store.sweep(idle_since).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    assert!(error.message().contains("etcd/v2/backup"), "{error}");
    assert!(stub.asked("DELETE").is_empty());
}

#[tokio::test]
async fn parts_are_no_objects() {
    let items = json!({"items": [
        object("etcd/.etcdbr-uploads/id/00001-a", json!({})),
        object("etcd/v2/x", json!({})),
    ]});
    let stub = Stub::start(move |asked| match asked.line.contains("prefix") {
        true => (200, items.to_string()),
        false => (200, "{}".to_owned()),
    })
    .await;
    let store = open(&stub).await.unwrap();
    let listed = store.list(&ListRequest::default()).await.unwrap().objects;
    let keys: Vec<_> = listed.into_iter().map(|object| object.id.key).collect();
    assert_eq!(keys, [key()]);
    let hidden = Key::new(".etcdbr-uploads/id/00001-a").unwrap();
    let put = store
        .put(&hidden, Bytes::new(), PutOptions::default())
        .await;
    assert_eq!(put.unwrap_err().kind(), ErrorKind::Config);
}
