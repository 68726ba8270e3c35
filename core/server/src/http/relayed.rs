//! What the sidecar of the leader answered, and what becomes of it: pure.

use http::StatusCode;
use serde::Deserialize;
use serde::de::IgnoredAny;
use snapstore::excerpt;

use crate::ports::Ending;

/// What one sidecar asks of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    Full(Ending),
    Delta,
    Latest,
}

impl Call {
    /// The path and the query, made anew: nothing of the request that came goes along.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Full(Ending::Ordinary) => "snapshot/full",
            Self::Full(Ending::Final) => "snapshot/full?final=true",
            Self::Delta => "snapshot/delta",
            Self::Latest => "snapshot/latest",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Relayed {
    /// To be handed on as it is.
    Answer(StatusCode),
    /// It does not lead: perhaps somebody else does by now.
    NotLeader,
    /// It does not do it for us, or not in a way that is understood.
    Refused(String),
}

/// What a 200 must hold to be one. A page of something else must not become the word that a snapshot was taken.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Snapshot {
    #[serde(rename = "kind")]
    _kind: String,
    #[serde(rename = "snapName")]
    _name: String,
    #[serde(rename = "lastRevision")]
    _revision: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Latest {
    #[serde(rename = "fullSnapshot", deserialize_with = "Option::deserialize")]
    _full: Option<Snapshot>,
    #[serde(rename = "deltaSnapshots", deserialize_with = "Option::deserialize")]
    _deltas: Option<Vec<IgnoredAny>>,
}

pub(super) fn relayed(call: Call, status: StatusCode, body: &[u8]) -> Relayed {
    match status {
        StatusCode::OK if is_understood(call, body) => Relayed::Answer(status),
        StatusCode::OK => Relayed::Refused(format!(
            "unexpected response of the sidecar that leads: 200 with {}",
            excerpt(body)
        )),
        StatusCode::METHOD_NOT_ALLOWED => Relayed::NotLeader,
        StatusCode::INTERNAL_SERVER_ERROR => Relayed::Answer(status),
        other => Relayed::Refused(format!(
            "the sidecar that leads refused it: {}: {}",
            other.as_u16(),
            excerpt(body)
        )),
    }
}

fn is_understood(call: Call, body: &[u8]) -> bool {
    match call {
        Call::Full(_) | Call::Delta => serde_json::from_slice::<Option<Snapshot>>(body).is_ok(),
        Call::Latest => serde_json::from_slice::<Latest>(body).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SNAPSHOT: &str = r#"{"kind":"Full","snapName":"Full-00000000-00000007-1795338849.gz","lastRevision":7,"isFinal":false}"#;

    #[test]
    fn answers_are_handed_on() {
        let ok = Relayed::Answer(StatusCode::OK);
        let full = Call::Full(Ending::Ordinary);
        let said = |call, body: &str| relayed(call, StatusCode::OK, body.as_bytes());
        assert_eq!(said(full, SNAPSHOT), ok);
        assert_eq!(said(Call::Delta, "null"), ok);
        let latest = format!(r#"{{"fullSnapshot":{SNAPSHOT},"deltaSnapshots":null}}"#);
        assert_eq!(said(Call::Latest, &latest), ok);
        let failed = relayed(
            full,
            StatusCode::INTERNAL_SERVER_ERROR,
            b"the store is down",
        );
        assert_eq!(failed, Relayed::Answer(StatusCode::INTERNAL_SERVER_ERROR));
        let elsewhere = relayed(full, StatusCode::METHOD_NOT_ALLOWED, b"");
        assert_eq!(elsewhere, Relayed::NotLeader);
    }

    /// A proxy in between that answers everything with a page and 200 would have been the word that a final full is
    /// in the store, after which the cluster is deleted.
    #[test]
    fn a_page_is_no_snapshot() {
        let full = Call::Full(Ending::Final);
        for body in [
            "",
            "<html>",
            "{}",
            "[]",
            "7",
            "{\"kind\":\"Full\"}",
            "null null",
        ] {
            let said = relayed(full, StatusCode::OK, body.as_bytes());
            assert!(
                matches!(&said, Relayed::Refused(why) if why.contains("unexpected")),
                "{body}"
            );
        }
        for body in ["null", "{}", SNAPSHOT] {
            let said = relayed(Call::Latest, StatusCode::OK, body.as_bytes());
            assert!(matches!(said, Relayed::Refused(_)), "{body}");
        }
        let moved = relayed(full, StatusCode::FOUND, b"");
        assert!(
            matches!(&moved, Relayed::Refused(why) if why.contains("302")),
            "{moved:?}"
        );
    }

    proptest! {
        #[test]
        fn only_an_answer_of_ours_is_a_success(status in 100_u16..600, body: Vec<u8>) {
            let status = StatusCode::from_u16(status).unwrap();
            let said = relayed(Call::Full(Ending::Ordinary), status, &body);
            if said == Relayed::Answer(StatusCode::OK) {
                prop_assert_eq!(status, StatusCode::OK);
                prop_assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok());
            }
        }
    }
}
