//! Bodies whose headers are odd. The object is whole each time, so none of this is damage.

use std::path::Path;
use std::sync::Arc;

use futures::TryStreamExt;
use serde_json::json;
use snapstore::{Bytes, Error, ErrorKind, Key, ObjectId, Snapstore, SnapstoreExt};

use crate::providers::{DIALECTS, Dialect, TIME};
use crate::stub::Answer;

/// Longer than a chunk of the stub.
fn content() -> Vec<u8> {
    (0..2500_u32).map(|number| number as u8).collect()
}

/// A store whose gets of the object are answered with `answer`. It is listed as long as it is.
async fn store(dialect: Dialect, answer: Answer, files: &Path) -> Arc<dyn Snapstore> {
    let stub = dialect.serve(move |line| {
        let is_object = line.contains("v2/x") || line.contains("v2%2Fx");
        if (dialect.lists)(line) {
            let listed = [("etcd/v2/x", Some(2500))];
            // It is asked for by its whole name.
            let page = (dialect.page)(&listed, None);
            let page = page.replace("</Prefix>", "x</Prefix>");
            return Some(Answer::of(200, page));
        }
        is_object.then(|| match line {
            // Google's head is a document.
            _ if line.contains("fields=") => {
                let resource = json!({"name": "etcd/v2/x", "size": "2500", "generation": "7",
                    "timeCreated": TIME});
                Answer::of(200, resource.to_string())
            }
            // Azure's is what a get of it is, without the body and its range.
            _ if line.starts_with("HEAD") => described(Answer::of(200, content())),
            _ => answer.clone(),
        })
    });
    dialect.open(&stub, files).await
}

fn id() -> ObjectId {
    Key::new("v2/x").unwrap().into()
}

/// What a get of the object brings that is answered with `answer`.
async fn read(dialect: Dialect, answer: Answer) -> Result<Vec<u8>, Error> {
    let files = tempfile::tempdir().unwrap();
    let store = store(dialect, answer, files.path()).await;
    store.read(&id()).await.map(Vec::from)
}

fn described(answer: Answer) -> Answer {
    answer
        .with("last-modified", "Sun, 22 Nov 2026 09:13:06 GMT")
        .with("etag", "\"t\"")
        .with("x-goog-generation", "7")
        .with("x-goog-metageneration", "1")
}

/// All but GCS, whose client reads the object by other headers.
fn dialects() -> impl Iterator<Item = Dialect> {
    let gcs = snapstore_gcs::PROVIDER.name;
    DIALECTS.into_iter().filter(move |one| one.name() != gcs)
}

/// A proxy sends bodies on in chunks. Each was a damaged object: "it has no length".
#[tokio::test]
async fn a_body_without_a_length_is_as_long_as_it_is_listed() {
    for dialect in dialects() {
        let answer = described(Answer::of(200, content())).in_chunks();
        let held = read(dialect, answer).await.unwrap();
        assert_eq!(held, content(), "{}", dialect.name());
        for length in [2499, 2501] {
            let mut other = content();
            other.resize(length, 0);
            let answer = described(Answer::of(200, other)).in_chunks();
            let error = read(dialect, answer).await.unwrap_err();
            is_of_the_store(dialect, &error);
        }
    }
}

/// Each was a damaged object. A reply that ended before what was asked for made the SDK of Azure take
/// 256 TiB of memory, and the process ended.
#[tokio::test]
async fn headers_that_make_no_sense_are_no_damage() {
    for dialect in dialects() {
        for range in ["bytes 9-3/2500x", "items 0-2499/2500", "bytes 0-9/2500"] {
            let answer = described(Answer::of(206, content())).with("content-range", range);
            let error = read(dialect, answer).await.unwrap_err();
            is_of_the_store(dialect, &error);
        }
        let page = Answer::of(200, "<html>maintenance</html>");
        let error = read(dialect, page).await.unwrap_err();
        is_of_the_store(dialect, &error);
    }
}

/// Objects with `Content-Encoding: gzip`, which other tools set for names that end so: Swift's client
/// unpacked them and lost their length.
#[tokio::test]
async fn bodies_come_as_they_are_stored() {
    for dialect in dialects() {
        let answer = described(Answer::of(200, content())).with("content-encoding", "gzip");
        let held = read(dialect, answer).await.unwrap();
        assert_eq!(held, content(), "{}", dialect.name());
    }
}

/// Where a range is ignored on the way (RFC 9110 allows that), GCS gave out the first bytes of an object
/// as those that were asked for: a body that went on after a break was another one.
#[tokio::test]
async fn a_range_that_is_ignored_is_not_taken_for_the_one_that_was_asked_for() {
    for dialect in DIALECTS {
        for in_chunks in [false, true] {
            let mut answer = described(Answer::of(200, content()));
            answer.in_chunks = in_chunks;
            let files = tempfile::tempdir().unwrap();
            let store = store(dialect, answer, files.path()).await;
            let download = store.get(&id(), Some(1000..2000)).await.unwrap();
            let said = download.range.start as usize..download.range.end as usize;
            let pieces: Vec<Bytes> = download.body.try_collect().await.unwrap();
            let name = dialect.name();
            assert!(said.start <= 1000 && said.end >= 2000, "{name}: {said:?}");
            assert!(pieces.concat() == content()[said], "{name}");
        }
    }
}

fn is_of_the_store(dialect: Dialect, error: &Error) {
    let name = dialect.name();
    assert_eq!(error.kind(), ErrorKind::Unexpected, "{name}: {error}");
    assert!(error.is_retryable(), "{name}: {error}");
}
