//! What the store makes of answers that no emulator gives; all from a STUB (tests/stub).
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod stub;

use std::fs::{self, File};
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use snapstore::{
    Bytes, Environment, Error, ErrorKind, Key, ListRequest, ObjectId, ObjectMeta, PartReceipt,
    PutMode, PutOptions, Result, Snapstore, StoreConfig, UploadOptions,
};
use snapstore_abs::AbsStore;
use stub::{Answer, Asked, Stub};

/// Not a signature: it must not be seen in any message.
const TOKEN: &str = "sv=2024-11-04&sig=hush";

fn refusal(status: u16, code: &str) -> Answer {
    let body = format!("<Error><Code>{code}</Code><Message>{code} it is.</Message></Error>");
    (status, vec![("x-ms-error-code", code.to_owned())], body)
}

fn listing(blobs: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\"?><EnumerationResults><Blobs>{blobs}</Blobs><NextMarker/>\
         </EnumerationResults>"
    );
    (200, vec![("content-type", "application/xml".into())], body)
}

/// The headers of a blob of four bytes, and more.
fn blob(status: u16, more: &[(&'static str, &str)]) -> Answer {
    let mut headers = vec![
        ("content-length", "4".to_owned()),
        ("last-modified", "Sun, 22 Nov 2026 09:13:06 GMT".to_owned()),
        ("etag", "\"0x1\"".to_owned()),
    ];
    headers.extend(more.iter().map(|(name, value)| (*name, value.to_string())));
    (status, headers, String::new())
}

fn is_listing(asked: &Asked) -> bool {
    asked.line.contains("comp=list")
}

async fn open(stub: &Stub) -> Result<AbsStore> {
    AbsStore::open(&config(&stub.url, stub.files.path())).await
}

/// A store at `url`, whose credentials are the token.
fn config(url: &str, files: &Path) -> StoreConfig {
    fs::write(files.join("sasToken"), TOKEN).unwrap();
    let variable = "AZURE_APPLICATION_CREDENTIALS".to_owned();
    StoreConfig {
        container: "bk".into(),
        prefix: "etcd".into(),
        endpoint_override: Some(url.into()),
        environment: Environment::new([(variable, files.display().to_string())]),
        ..StoreConfig::default()
    }
}

fn key() -> Key {
    Key::new("v2/x").unwrap()
}

fn id() -> ObjectId {
    key().into()
}

#[tokio::test]
async fn a_missing_container_is_said_at_once_and_no_token_with_it() {
    let stub = Stub::start(|_| refusal(404, "ContainerNotFound")).await;
    let error = open(&stub).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("no container \"bk\""), "{shown}");
    assert!(!shown.contains("hush"), "{shown}");
    assert!(!stub.asked(&["sig=hush"]).is_empty());
}

/// The address of a request holds the token, and `reqwest` likes to show addresses.
#[tokio::test]
async fn a_broken_connection_shows_no_token() {
    let files = tempfile::tempdir().unwrap();
    // Nobody listens there.
    let config = config("http://127.0.0.1:1/account", files.path());
    let error = AbsStore::open(&config).await.unwrap_err();
    assert!(error.is_retryable(), "{error:?}");
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains("hush"), "{shown}");
}

#[tokio::test]
async fn what_the_container_does_not_offer_is_not_asked_for() {
    let stub = Stub::start(|asked| match asked.line.contains("include=") {
        true => refusal(403, "AuthorizationPermissionMismatch"),
        false if is_listing(asked) => listing(""),
        false => blob(200, &[]),
    })
    .await;
    let store = open(&stub).await.unwrap();
    assert!(!store.capabilities().retention);
    let before = stub.asked(&["include="]).len();
    store.list(&ListRequest::default()).await.unwrap();
    assert_eq!(stub.asked(&["include="]).len(), before);
}

#[tokio::test]
async fn retention_is_reported_and_respected() {
    let until = "Fri, 01 Jan 2027 00:00:00 GMT";
    let properties = format!(
        "<Blob><Name>etcd/v2/x</Name><Properties><Content-Length>4</Content-Length>\
         <Last-Modified>Sun, 22 Nov 2026 09:13:06 GMT</Last-Modified><Etag>0x1</Etag>\
         <ImmutabilityPolicyUntilDate>{until}</ImmutabilityPolicyUntilDate>\
         <ImmutabilityPolicyMode>locked</ImmutabilityPolicyMode></Properties></Blob>"
    );
    let stub = Stub::start(move |asked| match asked.line.split(' ').next() {
        Some("DELETE") => refusal(409, "BlobImmutableDueToPolicy"),
        _ if is_listing(asked) => listing(&properties),
        _ => {
            let mut answer = blob(
                200,
                &[
                    ("x-ms-immutability-policy-until-date", until),
                    ("x-ms-immutability-policy-mode", "Locked"),
                ],
            );
            answer.2 = "data".to_owned();
            answer
        }
    })
    .await;
    let store = open(&stub).await.unwrap();
    assert!(store.capabilities().retention);
    let head = store.head(&id()).await.unwrap();
    let year = SystemTime::UNIX_EPOCH + Duration::from_secs(1_798_761_600);
    assert_eq!(head.retain_until, Some(year));
    let listed = store.list(&ListRequest::default()).await.unwrap().objects;
    assert_eq!(listed, std::slice::from_ref(&head));
    let read = store.get(&id(), None).await.unwrap();
    assert_eq!(read.meta, head);
    let error = store.delete(&id()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Immutable);
    assert_eq!(error.key(), Some(&key()));
}

#[tokio::test]
async fn a_tag_takes_a_backup_out_of_use() {
    let tags = "<Tags><TagSet><Tag><Key>x-etcd-snapshot-exclude</Key><Value>true</Value></Tag>\
                </TagSet></Tags>";
    let properties = format!(
        "<Blob><Name>etcd/v2/x</Name><Properties><Content-Length>4</Content-Length>\
         <Last-Modified>Sun, 22 Nov 2026 09:13:06 GMT</Last-Modified><Etag>0x1</Etag>\
         </Properties>{tags}</Blob>"
    );
    let stub = Stub::start(move |asked| {
        if is_listing(asked) {
            return listing(&properties);
        }
        match asked.line.contains("comp=tags") {
            true => (200, vec![], tags.to_owned()),
            false => blob(200, &[("x-ms-tag-count", "1")]),
        }
    })
    .await;
    let store = open(&stub).await.unwrap();
    let listed = store.list(&ListRequest::default()).await.unwrap().objects;
    assert!(listed[0].excluded);
    assert_eq!(store.head(&id()).await.unwrap(), listed[0]);
}

/// Uploads one part and completes it.
async fn complete(stub: &Stub, mode: PutMode) -> Result<ObjectMeta> {
    let store = open(stub).await.unwrap();
    let options = UploadOptions { mode, part_size: 4 };
    let upload = store.start_upload(&key(), options).await.unwrap();
    let part = upload.part(1, Bytes::from_static(b"abcd")).await.unwrap();
    upload.complete(&[part]).await
}

/// A commit that fails as `failure`, where the blob that stands there has the metadata `mark`; if
/// that is `None`, those that the commit sent.
async fn committing(failure: (u16, &'static str), mark: Option<&'static str>) -> Stub {
    let sent = Mutex::new(String::new());
    Stub::start(move |asked| {
        if is_listing(asked) {
            return listing("");
        }
        if asked.line.contains("comp=blocklist") {
            *sent.lock().unwrap() = asked.header("x-ms-meta-etcdbr_upload").unwrap().to_owned();
            return refusal(failure.0, failure.1);
        }
        match asked.line.starts_with("PUT") {
            true => (201, vec![], String::new()),
            false => {
                let sent = sent.lock().unwrap().clone();
                blob(200, &[("x-ms-meta-etcdbr_upload", mark.unwrap_or(&sent))])
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_lost_reply_is_no_failure() {
    for failure in [
        (409, "BlobAlreadyExists"),
        (400, "InvalidBlockList"),
        (500, "InternalError"),
    ] {
        let stub = committing(failure, None).await;
        let meta = complete(&stub, PutMode::CreateNew).await.unwrap();
        assert_eq!(
            (meta.size, meta.etag.as_deref()),
            (4, Some("0x1")),
            "{failure:?}"
        );
    }
}

/// Whoever commits first throws the blocks of the others away.
#[tokio::test]
async fn who_comes_second_is_told_so() {
    for failure in [(409, "BlobAlreadyExists"), (400, "InvalidBlockList")] {
        let stub = committing(failure, Some("another")).await;
        let error = complete(&stub, PutMode::CreateNew).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{failure:?}");
        let commit = &stub.asked(&["comp=blocklist"])[0];
        assert_eq!(commit.header("if-none-match"), Some("*"));
    }
    let stub = committing((400, "InvalidBlockList"), Some("another")).await;
    let error = complete(&stub, PutMode::Overwrite).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unexpected);
    let stub = committing((403, "AuthorizationFailure"), Some("another")).await;
    let error = complete(&stub, PutMode::CreateNew).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
}

/// The SDK would try three times by itself, and the layers above know nothing of it.
#[tokio::test]
async fn a_call_is_one_request_and_says_when_to_come_back() {
    let stub = Stub::start(|asked| match is_listing(asked) {
        true => listing(""),
        false => {
            let (status, mut headers, body) = refusal(503, "ServerBusy");
            headers.push(("retry-after", "7".to_owned()));
            (status, headers, body)
        }
    })
    .await;
    let store = open(&stub).await.unwrap();
    let (key, data) = (key(), Bytes::from_static(b"x"));
    let put = store.put(&key, data, PutOptions::default()).await;
    let error = put.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.asked_wait(), Some(Duration::from_secs(7)));
    assert_eq!(stub.asked(&["PUT"]).len(), 1);
}

/// Parts and the completion of an upload were the only calls that did not say so when their token
/// was refused: a client whose token had been revoked was used to the end of its tries, and the
/// upload was lost. The new token is one that no look at the files shows.
#[tokio::test]
async fn an_upload_renews_a_token_that_is_refused() {
    for refused in ["comp=block&", "comp=blocklist"] {
        let stub = Stub::start(move |asked| match asked.line.contains("sig=hush") {
            true if asked.line.contains(refused) => refusal(401, "InvalidAuthenticationInfo"),
            _ if is_listing(asked) => listing(""),
            _ if asked.line.starts_with("PUT") => {
                let stamps = [
                    ("etag", "\"0x1\""),
                    ("last-modified", "Sun, 22 Nov 2026 09:13:06 GMT"),
                ];
                let stamps = stamps.map(|(name, value)| (name, value.to_owned()));
                (201, stamps.to_vec(), String::new())
            }
            _ => refusal(404, "BlobNotFound"),
        })
        .await;
        let store = open(&stub).await.unwrap();
        let options = UploadOptions {
            mode: PutMode::CreateNew,
            part_size: 4,
        };
        let upload = store.start_upload(&key(), options).await.unwrap();
        let data = Bytes::from_static(b"abcd");
        let mut renewed = false;
        let mut again = |error: Error| {
            assert!(
                error.kind() == ErrorKind::Denied && error.is_retryable(),
                "{error}"
            );
            assert!(
                !std::mem::replace(&mut renewed, true),
                "{refused}: a second time"
            );
            replace_unseen(
                &stub.files.path().join("sasToken"),
                &TOKEN.replace("hush", "new!"),
            );
        };
        let part = match upload.part(1, data.clone()).await {
            Ok(part) => part,
            Err(error) => {
                again(error);
                upload.part(1, data).await.unwrap()
            }
        };
        if let Err(error) = upload.complete(std::slice::from_ref(&part)).await {
            again(error);
            upload.complete(&[part]).await.unwrap();
        }
        assert!(renewed, "{refused} was never refused");
    }
}

/// Other words in the same file, of the same length and date.
fn replace_unseen(file: &Path, words: &str) {
    let written = fs::metadata(file).unwrap().modified().unwrap();
    fs::write(file, words).unwrap();
    File::options()
        .write(true)
        .open(file)
        .unwrap()
        .set_modified(written)
        .unwrap();
}

/// Azure can only tell that a body was damaged on its way if it is told what was sent.
#[tokio::test]
async fn a_body_says_its_checksum() {
    let stub = Stub::start(|asked| match is_listing(asked) {
        true => listing(""),
        false => refusal(400, "Crc64Mismatch"),
    })
    .await;
    let error = first_part(&stub).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
    let block = &stub.asked(&["comp=block"])[0];
    let said = block.header("x-ms-content-crc64").unwrap();
    // Eight bytes; which ones, a test beside the computation knows.
    assert_eq!(said.len(), 12, "{said}");
}

/// Azurite takes no CRC: an upload to it failed for ever.
#[tokio::test]
async fn who_takes_no_crc_gets_an_md5() {
    let stub = Stub::start(|asked| match asked.header("x-ms-content-crc64") {
        Some(_) => refusal(500, "FeatureNotSupported"),
        None if is_listing(asked) => listing(""),
        None => (201, Vec::new(), String::new()),
    })
    .await;
    first_part(&stub).await.unwrap();
    let blocks = stub.asked(&["comp=block"]);
    assert_eq!(blocks.len(), 2);
    // MD5 of "abcd".
    assert_eq!(
        blocks[1].header("content-md5"),
        Some("4vxxTEcn7pOV8yTNLn8zHw==")
    );
}

async fn first_part(stub: &Stub) -> Result<PartReceipt> {
    let store = open(stub).await.unwrap();
    let options = UploadOptions {
        mode: PutMode::CreateNew,
        part_size: 4,
    };
    let upload = store.start_upload(&key(), options).await.unwrap();
    upload.part(1, Bytes::from_static(b"abcd")).await
}

/// Any error was "it does not retain", so that a store opened during an outage said of no backup until
/// when it stays.
#[tokio::test]
async fn whether_a_container_retains_is_answered_or_asked_again() {
    for (status, opens) in [(500, false), (503, false), (403, true)] {
        let stub = Stub::of_all(move |asked| match is_listing(asked) {
            true => listing(""),
            false => refusal(status, "InternalError"),
        })
        .await;
        match open(&stub).await {
            Ok(_) => assert!(opens, "{status}"),
            Err(error) => assert!(!opens && error.is_retryable(), "{status}: {error}"),
        }
    }
}
