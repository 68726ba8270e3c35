//! When an object was written, which no restore needs: only a rule of the bucket does, which counts from it.

use snapstore::{ListRequest, SnapstoreExt};

use crate::providers::{DIALECTS, Dialect, TIME};
use crate::stub::Answer;
use crate::{TWO, listed, only};

/// The page of two whose second entry has another time, or none if that is empty.
fn with_time(dialect: Dialect, time: &str) -> String {
    let page = (dialect.page)(&TWO, None);
    let at = page.rfind("v2/b").unwrap();
    let (before, entry) = page.split_at(at);
    let elements = [
        format!("<LastModified>{TIME}</LastModified>"),
        "<Last-Modified>Sun, 22 Nov 2026 09:13:06 GMT</Last-Modified>".to_owned(),
        format!("\"timeCreated\":\"{TIME}\""),
        format!("\"last_modified\":\"{}\"", TIME.trim_end_matches('Z')),
    ];
    // In JSON members come in the order of their names, so that the time may come before the name.
    let (text, is_after) = match elements.iter().find(|element| entry.contains(*element)) {
        Some(element) => (element, true),
        None => {
            let found = elements.iter().find(|element| before.contains(*element));
            (found.unwrap(), false)
        }
    };
    let value = match text.split_once('>') {
        Some(_) if time.is_empty() => String::new(),
        Some((tag, rest)) => format!("{tag}>{time}<{}", rest.split_once('<').unwrap().1),
        None if time.is_empty() => "\"none\":0".to_owned(),
        None => format!("{}:\"{time}\"", text.split_once(':').unwrap().0),
    };
    match is_after {
        true => format!("{before}{}", entry.replacen(text, &value, 1)),
        false => {
            let at = before.rfind(text).unwrap();
            let (one, other) = before.split_at(at);
            format!("{one}{}{entry}", other.replacen(text, &value, 1))
        }
    }
}

/// An entry without a time, or with one in another notation, ended the restore of a backup that was whole.
/// Nothing that is restored needs it.
#[tokio::test]
async fn a_time_is_not_needed() {
    for dialect in DIALECTS {
        let name = dialect.name();
        let keys = listed(dialect, only(dialect, with_time(dialect, ""))).await;
        assert_eq!(keys.unwrap(), ["v2/a", "v2/b"], "{name}");
        let keys = listed(dialect, only(dialect, with_time(dialect, "yesterday"))).await;
        match keys {
            Ok(keys) => assert_eq!(keys, ["v2/a", "v2/b"], "{name}"),
            // The parsers of two SDKs refuse the whole page for it.
            Err(error) => {
                assert!(["S3", "ABS"].contains(&name), "{name}: {error}");
                assert!(error.to_string().contains("v2/b"), "{name}: {error}");
            }
        }
    }
}

/// But a rule of the bucket counts from it: until when such an object stays is not known, and not "no rule".
#[tokio::test]
async fn a_time_from_which_a_rule_counts_is_needed() {
    for (dialect, about, rule) in [
        (
            DIALECTS[0],
            "object-lock",
            "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>\
             <DefaultRetention><Mode>COMPLIANCE</Mode><Days>1</Days></DefaultRetention></Rule>\
             </ObjectLockConfiguration>",
        ),
        (
            DIALECTS[1],
            "worm",
            "<WormConfiguration><WormId>1</WormId><State>Locked</State>\
             <RetentionPeriodInDays>3</RetentionPeriodInDays></WormConfiguration>",
        ),
    ] {
        let page = with_time(dialect, "");
        let stub = dialect.serve(move |line| match line.contains(about) {
            true => Some(Answer::of(200, rule)),
            false => (dialect.lists)(line).then(|| Answer::of(200, page.clone())),
        });
        let files = tempfile::tempdir().unwrap();
        let store = dialect.open(&stub, files.path()).await;
        let error = store.list_all(ListRequest::under("v2/")).await.unwrap_err();
        let name = dialect.name();
        assert!(error.to_string().contains("v2/b"), "{name}: {error}");
    }
}
