//! Answers that are none. Each was taken for a listing with nothing in it, for a part of one, or for a
//! damaged object, and `initialize` began without data or went back to an older state; all from a STUB.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod bodies;
mod providers;
mod refusals;
mod stub;
mod times;

use std::sync::atomic::{AtomicUsize, Ordering};

use snapstore::{Error, ErrorKind, ListRequest, SnapstoreExt};

use providers::{DIALECTS, Dialect, Entry};
use stub::Answer;

const TWO: [Entry<'static>; 2] = [("etcd/v2/a", Some(4)), ("etcd/v2/b", Some(5))];

/// The keys that a store lists whose pages are `answer`; the page that is asked for is told by its
/// number.
async fn listed(
    dialect: Dialect,
    answer: impl Fn(usize, &str) -> Answer + Send + Sync + 'static,
) -> Result<Vec<String>, Error> {
    let pages = AtomicUsize::new(0);
    let stub = dialect.serve(move |line| {
        let lists = (dialect.lists)(line);
        lists.then(|| answer(pages.fetch_add(1, Ordering::SeqCst), line))
    });
    let files = tempfile::tempdir().unwrap();
    let store = dialect.open(&stub, files.path()).await;
    let listed = store.list_all(ListRequest::under("v2/")).await?;
    let keys = listed.into_iter().map(|object| object.id.key.to_string());
    Ok(keys.collect())
}

/// The same page each time, but for Swift, whose listings end with an empty one.
fn only(dialect: Dialect, page: String) -> impl Fn(usize, &str) -> Answer + Send + Sync + 'static {
    let end = (dialect.page)(&[], None);
    move |number, line| match number > 0 && line.contains("format=json") {
        true => Answer::of(200, end.clone()),
        false => Answer::of(200, page.clone()),
    }
}

#[tokio::test]
async fn a_listing_is_read() {
    for dialect in DIALECTS {
        let page = (dialect.page)(&TWO, None);
        let keys = listed(dialect, only(dialect, page)).await;
        assert_eq!(keys.unwrap(), ["v2/a", "v2/b"], "{}", dialect.name());
        let nothing = (dialect.page)(&[], None);
        let keys = listed(dialect, only(dialect, nothing)).await;
        assert_eq!(keys.unwrap(), [""; 0], "{}", dialect.name());
    }
}

/// OSS and ABS took any XML for an empty listing; S3 gave up at once and said "200".
#[tokio::test]
async fn another_document_is_an_error_that_is_tried_again_and_shows_what_came() {
    for dialect in DIALECTS {
        for (page, told) in [
            ("<html><body>maintenance</body></html>", "maintenance"),
            ("<!DOCTYPE html><html><p>maintenance</html>", "maintenance"),
            ("<Error><Code>InternalError</Code></Error>", "InternalError"),
            ("<ListBucketResult/>", ""),
            ("<EnumerationResults/>", ""),
            ("{}", ""),
            ("\"\u{202e}\u{1b}[2J\"", ""),
            ("", "an empty body"),
        ] {
            let error = listed(dialect, only(dialect, page.to_owned()))
                .await
                .unwrap_err();
            let name = dialect.name();
            assert!(error.is_retryable(), "{name}, {page:?}: {error}");
            assert_eq!(error.kind(), ErrorKind::Unexpected, "{name}: {error}");
            assert!(
                error.to_string().contains(told),
                "{name}, {page:?}: {error}"
            );
            let shown = error.to_string();
            assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{name}: {shown:?}");
        }
    }
}

/// S3 sends half a document under load, with status 200 and a length that agrees. The objects before
/// the break were the listing, or there were none.
#[tokio::test]
async fn no_part_of_a_listing_is_one() {
    for dialect in DIALECTS {
        let page = (dialect.page)(&TWO, None);
        let ends = page.char_indices().map(|(end, _)| end);
        for end in ends.step_by(17).chain([page.len() - 1]) {
            let part = page[..end].to_owned();
            let error = listed(dialect, only(dialect, part)).await.unwrap_err();
            assert!(error.is_retryable(), "{}, {end}: {error}", dialect.name());
        }
    }
}

/// Of what was not understood nothing is left out without a word: it is named.
#[tokio::test]
async fn an_entry_that_cannot_be_is_named() {
    for dialect in DIALECTS {
        for (entry, told) in [
            (("etcd/v2/nosize", None), "v2/nosize"),
            (("etcd-2/v2/other", Some(4)), "etcd-2/v2/other"),
            (("etcd/v1/other", Some(4)), "etcd/v1/other"),
        ] {
            let page = (dialect.page)(&[TWO[0], entry], None);
            let error = listed(dialect, only(dialect, page)).await.unwrap_err();
            let name = dialect.name();
            assert!(error.to_string().contains(told), "{name}: {error}");
            assert!(error.is_retryable(), "{name}: {error}");
        }
    }
}

/// The answer to somebody else's question: a cache that mixes them up, a proxy that loses the query.
#[tokio::test]
async fn a_listing_of_something_else_is_none() {
    for dialect in &DIALECTS[..3] {
        let page = (dialect.page)(&[], None);
        for (right, wrong) in [
            ("<Name>b</Name>", "<Name>another</Name>"),
            ("ContainerName=\"b\"", "ContainerName=\"another\""),
            ("v2", "v7"),
            ("<KeyCount>0", "<KeyCount>2"),
            ("<IsTruncated>false</IsTruncated>", ""),
            ("<NextMarker></NextMarker>", ""),
        ] {
            let other = page.replace(right, wrong);
            if other == page {
                continue;
            }
            let error = listed(*dialect, only(*dialect, other)).await.unwrap_err();
            assert!(error.is_retryable(), "{}: {error}", dialect.name());
        }
    }
}

/// A server that ignored the token was asked for its first page without end.
#[tokio::test]
async fn a_listing_that_does_not_move_on_ends() {
    for dialect in DIALECTS {
        for tokens in [["1", "1", "1"], ["1", "2", "1"]] {
            let answer = move |number: usize, _: &str| {
                let name = format!("etcd/v2/{number}");
                let next = tokens[number % 3];
                match dialect.name() == snapstore_swift::PROVIDER.name {
                    true => Answer::of(200, (dialect.page)(&TWO, None)),
                    false => Answer::of(200, (dialect.page)(&[(&name, Some(4))], Some(next))),
                }
            };
            let error = listed(dialect, answer).await.unwrap_err();
            let name = dialect.name();
            assert_eq!(error.kind(), ErrorKind::Unexpected, "{name}: {error}");
            assert!(!error.is_retryable(), "{name}: {error}");
        }
    }
}

/// Pages that overlap showed an object twice, and it counted twice. A page may be empty and go on.
#[tokio::test]
async fn an_object_on_two_pages_counts_once() {
    for dialect in &DIALECTS[..4] {
        let pages: [(&[Entry<'_>], Option<&str>); 4] = [
            (&TWO, Some("1")),
            (&[], Some("2")),
            (&[("etcd/v2/b", Some(5)), ("etcd/v2/c", Some(6))], Some("3")),
            (&[("etcd/v2/d", Some(7))], None),
        ];
        let pages = pages.map(|(entries, next)| (dialect.page)(entries, next));
        let keys = listed(*dialect, move |number, _| {
            Answer::of(200, pages[number].clone())
        });
        let keys = keys.await.unwrap();
        assert_eq!(keys, ["v2/a", "v2/b", "v2/c", "v2/d"], "{}", dialect.name());
    }
}

/// Ceph's gateway gives fewer names than it is asked for, and 4 of 9 backups were all there were. The
/// server here takes no more than three at once, and ends with 204.
#[tokio::test]
async fn a_short_page_of_swift_does_not_end_its_listing() {
    let swift = DIALECTS[4];
    let answer = move |_: usize, line: &str| {
        let query = |name: &str| {
            let (_, rest) = line.split_once(&format!("{name}="))?;
            rest.split(['&', ' ']).next()
        };
        let limit: usize = query("limit").unwrap().parse().unwrap();
        if limit > 7 {
            return Answer::of(412, "Maximum limit is 7");
        }
        let marker = query("marker").unwrap().replace("%2F", "/");
        let names: Vec<_> = (0..9).map(|number| format!("etcd/v2/{number}")).collect();
        let after = names.iter().filter(|name| **name > marker);
        let page: Vec<Entry<'_>> = after.take(2).map(|name| (name.as_str(), Some(1))).collect();
        match page.is_empty() {
            true => Answer::of(204, ""),
            false => Answer::of(200, (swift.page)(&page, None)),
        }
    };
    assert_eq!(listed(swift, answer).await.unwrap().len(), 9);
}

/// Inside of a cloud the public address is often not reached.
#[tokio::test]
async fn swift_is_asked_at_the_address_that_openrc_names() {
    let swift = DIALECTS[4];
    for (variable, account) in [
        (&[][..], "/v1/a/b"),
        (&[("OS_INTERFACE", "internal")], "/v1/inside/b"),
        (&[("OS_ENDPOINT_TYPE", "internalURL")], "/v1/inside/b"),
    ] {
        let stub = swift.serve(move |line| {
            let astray = line.contains("/v1/") && line.contains("/b") && !line.contains(account);
            astray.then(|| Answer::of(404, ""))
        });
        let files = tempfile::tempdir().unwrap();
        let store = swift.open_with(&stub, files.path(), variable).await;
        assert!(store.is_ok(), "{variable:?}: {:?}", store.err());
    }
    let stub = swift.serve(|_| None);
    let admin = [("OS_INTERFACE", "admin")];
    let files = tempfile::tempdir().unwrap();
    let error = swift
        .open_with(&stub, files.path(), &admin)
        .await
        .unwrap_err();
    assert!(error.message().contains("no admin object store"), "{error}");
}

/// A page of a proxy with status 200 was a container that is there.
#[tokio::test]
async fn a_container_of_swift_is_known_by_what_every_answer_about_one_has() {
    let swift = DIALECTS[4];
    let stub = swift.serve(|line| line.starts_with("HEAD").then(|| Answer::of(200, "<html>")));
    let files = tempfile::tempdir().unwrap();
    let error = swift.try_open(&stub, files.path()).await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
}
