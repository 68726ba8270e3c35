use bytes::Bytes;
use client::{AuthState, ErrorKind, Etcd, Read};
use prost::Message;

use crate::messages::{HashKv, Headed, Header, LeaseTime, headed, header};
use crate::others::client;
use crate::server::{End, Reply, Stub, ok, refused};

/// An answer that is not understood is an error that names it: never an empty store, no member, no lease.
#[tokio::test]
async fn an_answer_without_a_header_is_none() {
    let nothing = || ok(Vec::new());
    let anonymous = || {
        let header = Some(Header::default());
        ok(Headed { header }.encode_to_vec())
    };
    for answer in [nothing, anonymous] {
        let stub = Stub::new().await;
        for rpc in ["Range", "Status", "MemberList", "LeaseLeases", "HashKV"] {
            stub.answers(rpc, [answer()]);
        }
        let client = client(&stub).await;
        let kinds = [
            client.head(Read::Local).await.map(drop).unwrap_err().kind(),
            client.status().await.map(drop).unwrap_err().kind(),
            client
                .members(Read::Local)
                .await
                .map(drop)
                .unwrap_err()
                .kind(),
            client.leases().await.map(drop).unwrap_err().kind(),
            client.hash_kv(3).await.map(drop).unwrap_err().kind(),
        ];
        assert_eq!(kinds, [ErrorKind::Protocol; 5]);
    }
}

#[tokio::test]
async fn an_answer_that_contradicts_the_question_is_none() {
    let stub = Stub::new().await;
    let client = client(&stub).await;
    stub.answers("MemberList", [ok(headed(4))]);
    let nobody = client.members(Read::Agreed).await.unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::Protocol, "{nobody}");
    stub.answers("Range", [ok(headed(0))]);
    let nothing = client.head(Read::Agreed).await.unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::Protocol, "{nothing}");
    stub.answers("Status", [ok(headed(4))]);
    let versionless = client.status().await.unwrap_err();
    assert_eq!(versionless.kind(), ErrorKind::Protocol, "{versionless}");
    let hash = HashKv {
        header: header(9),
        hash: 1,
        hash_revision: 8,
    };
    stub.answers("HashKV", [ok(hash.encode_to_vec())]);
    let other = client.hash_kv(7).await.unwrap_err();
    assert_eq!(other.kind(), ErrorKind::Protocol, "{other}");
    assert_eq!(client.hash_kv(8).await.unwrap().hash_revision, Some(8));
    let lease = |id, ttl, granted| {
        let header = header(9);
        let lease = LeaseTime {
            header,
            id,
            ttl,
            granted,
        };
        ok(lease.encode_to_vec())
    };
    for strange in [lease(8, 5, 10), lease(7, 5, 0), lease(7, 0, 0)] {
        stub.answers("LeaseTimeToLive", [strange]);
        let other = client.lease_time(7).await.unwrap_err();
        assert_eq!(other.kind(), ErrorKind::Protocol, "{other}");
    }
    let gone = refused(5, "etcdserver: requested lease not found");
    for gone in [lease(7, -1, 0), gone] {
        stub.answers("LeaseTimeToLive", [gone]);
        assert_eq!(client.lease_time(7).await.unwrap(), None);
    }
}

#[tokio::test]
async fn what_is_no_answer_at_all_is_an_error() {
    let stub = Stub::new().await;
    let client = client(&stub).await;
    let empty = |end| Reply {
        messages: Vec::new(),
        end,
    };
    let cases = [
        (ok(vec![0xff, 0xff]), ErrorKind::Protocol),
        (empty(End::Status(0, "")), ErrorKind::Protocol),
        (empty(End::Bare), ErrorKind::Unavailable),
        (empty(End::Breaks), ErrorKind::Unavailable),
        (refused(12, "unknown method"), ErrorKind::Unimplemented),
        (
            refused(15, "etcdserver: corrupt cluster"),
            ErrorKind::Refused,
        ),
        (refused(99, "?"), ErrorKind::Refused),
    ];
    for (reply, kind) in cases {
        let shown = format!("{reply:?}");
        stub.answers("Range", [reply]);
        let key = client.key_at(Bytes::from_static(b"k"), 3, Read::Local);
        let error = key.await.unwrap_err();
        assert_eq!(error.kind(), kind, "{shown}: {error:?}");
    }
}

/// A proxy's 404 was taken for an etcd that is too old to be asked.
#[tokio::test]
async fn a_page_of_a_proxy_is_no_answer_of_etcd() {
    let stub = Stub::new().await;
    let client = client(&stub).await;
    let unavailable = [429, 502, 503, 504];
    for status in [400, 401, 403, 404, 500].into_iter().chain(unavailable) {
        let page = Reply {
            messages: Vec::new(),
            end: End::Http(status),
        };
        stub.answers("AuthStatus", [page]);
        let error = client.auth().await.unwrap_err();
        let kind = match unavailable.contains(&status) {
            true => ErrorKind::Unavailable,
            false => ErrorKind::Protocol,
        };
        assert_eq!(error.kind(), kind, "{status}: {error}");
        assert!(error.message().contains(&status.to_string()), "{error}");
    }
    let unknown = "unknown method AuthStatus for service etcdserverpb.Auth";
    stub.answers("AuthStatus", [refused(12, unknown)]);
    assert_eq!(client.auth().await.unwrap(), AuthState::NotTold);
}

/// An operator was told "hash keys at ...: unknown method HashKV for service etcdserverpb.Maintenance", and "range at
/// ..." of a key that could not be read: the names that the protocol has for what was asked.
#[tokio::test]
async fn an_error_says_in_words_what_was_asked() {
    let stub = Stub::new().await;
    let client = client(&stub).await;
    for unknown in [
        "unknown method HashKV for service etcdserverpb.Maintenance",
        "unknown service etcdserverpb.Maintenance",
    ] {
        stub.answers("HashKV", [refused(12, unknown)]);
        let error = client.hash_kv(5).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unimplemented);
        let told = error.to_string();
        assert!(told.starts_with("ask for a hash of the keys at "), "{told}");
        assert!(told.contains("does not know this request"), "{told}");
        assert!(
            !told.contains("HashKV") && !told.contains("etcdserverpb"),
            "{told}"
        );
        // Whoever looks into it finds the words of the server in the cause.
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains(unknown), "{cause}");
    }
    stub.answers("Range", [refused(7, "etcdserver: permission denied")]);
    let error = client.head(Read::Local).await.unwrap_err();
    assert!(error.to_string().starts_with("read keys at "), "{error}");
}

/// The words of a server are shown, and command no terminal.
#[tokio::test]
async fn what_a_server_says_is_safe_to_print() {
    let stub = Stub::new().await;
    stub.answers("Range", [refused(9, "no%1b[2J%e2%80%ae")]);
    let error = client(&stub).await.head(Read::Local).await.unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
    assert!(error.message().starts_with("no\\u{1b}"), "{error}");
}
