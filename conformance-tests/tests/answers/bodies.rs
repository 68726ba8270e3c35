//! Bodies whose headers are odd. The object is whole each time, so none of this is damage.

use snapstore::{Error, ErrorKind, Key, SnapstoreExt};

use crate::providers::{DIALECTS, Dialect};
use crate::stub::Answer;

/// Longer than a chunk of the stub.
fn content() -> Vec<u8> {
    (0..2500_u32).map(|number| number as u8).collect()
}

/// What a get of the object brings that is answered with `answer`. It is listed as long as it is.
async fn read(dialect: Dialect, answer: Answer) -> Result<Vec<u8>, Error> {
    let stub = dialect.serve(move |line| {
        if (dialect.lists)(line) {
            let listed = [("etcd/v2/x", Some(2500))];
            // It is asked for by its whole name.
            let page = (dialect.page)(&listed, None);
            let page = page.replace("</Prefix>", "x</Prefix>");
            return Some(Answer::of(200, page));
        }
        let is_object = line.contains("v2/x") || line.contains("v2%2Fx");
        is_object.then(|| {
            let answer = answer.clone();
            // Azure's head is what a get of it is, without the body and its range.
            match line.starts_with("HEAD") {
                true => described(Answer::of(200, content())),
                false => answer,
            }
        })
    });
    let files = tempfile::tempdir().unwrap();
    let store = dialect.open(&stub, files.path()).await;
    let key = Key::new("v2/x").unwrap();
    store.read(&key.into()).await.map(Vec::from)
}

fn described(answer: Answer) -> Answer {
    answer
        .with("last-modified", "Sun, 22 Nov 2026 09:13:06 GMT")
        .with("etag", "\"t\"")
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

fn is_of_the_store(dialect: Dialect, error: &Error) {
    let name = dialect.name();
    assert_eq!(error.kind(), ErrorKind::Unexpected, "{name}: {error}");
    assert!(error.is_retryable(), "{name}: {error}");
}
