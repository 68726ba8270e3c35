use client::{Client, Config, ErrorKind, Etcd, Login, Read, SecretString};
use prost::Message;

use crate::messages::{Token, Watch, headed, header};
use crate::others::{config, retries};
use crate::server::{End, Reply, Stub, ok, refused};
use crate::watches::{created, from};

fn token(token: &str) -> Reply {
    let token = Token {
        header: header(1),
        token: token.to_owned(),
    };
    ok(token.encode_to_vec())
}

async fn client(stub: &Stub) -> Client {
    let login = Login {
        user: "root".to_owned(),
        password: SecretString::from("hush".to_owned()),
    };
    let config = Config {
        login: Some(login),
        ..config(&[stub.url()])
    };
    let retries = retries(3, std::sync::Arc::default());
    Client::new(config, retries).await.unwrap()
}

/// In these words, with these codes, versions of etcd say that a token is of the past.
const OF_THE_PAST: [(u16, &str); 3] = [
    (16, "etcdserver: invalid auth token"),
    (3, "etcdserver: revision of auth store is old"),
    (7, "etcdserver: permission denied"),
];

#[tokio::test]
async fn a_token_of_the_past_is_renewed_once() {
    for (code, words) in OF_THE_PAST {
        let stub = Stub::new().await;
        stub.answers("Authenticate", [token("first"), token("second")]);
        stub.answers("Range", [refused(code, words), ok(headed(4))]);
        let client = client(&stub).await;
        assert_eq!(client.head(Read::Agreed).await.unwrap().revision, 4);
        assert_eq!(client.head(Read::Agreed).await.unwrap().revision, 4);
        let shown = stub.headers("Range");
        let shown: Vec<_> = shown.iter().map(|headers| &headers["token"]).collect();
        assert_eq!(shown, ["first", "second", "second"], "{words}");
        assert_eq!(stub.called("Authenticate"), 2);
        assert!(!stub.headers("Authenticate")[1].contains_key("token"));
    }
}

/// Who may not do something is asked for a token twice, and not for ever.
#[tokio::test]
async fn a_refusal_that_stays_is_told() {
    for (code, words) in OF_THE_PAST {
        let stub = Stub::new().await;
        stub.answers("Authenticate", [token("hush-token")]);
        stub.answers("Range", [refused(code, words)]);
        let client = client(&stub).await;
        let error = client.head(Read::Agreed).await.unwrap_err();
        let expected = [ErrorKind::Unauthenticated, ErrorKind::PermissionDenied];
        assert!(expected.contains(&error.kind()), "{error}");
        assert_eq!(stub.called("Range"), 2);
        assert_eq!(stub.called("Authenticate"), 2);
        let all = format!("{error} {error:?} {client:?}");
        assert!(!all.contains("hush"), "{all}");
    }
}

/// The newest versions refuse a watch with an old token by creating and canceling it in one message.
#[tokio::test]
async fn a_watch_that_is_created_and_canceled_for_its_token_is_created_anew() {
    for (_, words) in OF_THE_PAST {
        let canceled = Watch {
            header: header(4),
            watch_id: -1,
            created: true,
            canceled: true,
            reason: words.to_owned(),
            ..Watch::default()
        };
        let says = |message| Reply {
            messages: vec![message],
            end: End::Never,
        };
        let stub = Stub::new().await;
        stub.answers("Authenticate", [token("first"), token("second")]);
        stub.answers("Watch", [says(canceled.encode_to_vec()), says(created(4))]);
        let client = client(&stub).await;
        let watch = client.watch(from(2)).await.unwrap();
        assert_eq!(watch.created().revision, 4);
        let shown = stub.headers("Watch");
        assert_eq!(shown[1]["token"], "second");
    }
}

#[tokio::test]
async fn where_users_are_not_checked_there_is_no_token() {
    let stub = Stub::new().await;
    let unchecked = "etcdserver: authentication is not enabled";
    stub.answers("Authenticate", [refused(9, unchecked), token("first")]);
    let nobody = refused(3, "etcdserver: user name is empty");
    stub.answers("Range", [ok(headed(4)), nobody, ok(headed(5))]);
    let client = client(&stub).await;
    assert_eq!(client.head(Read::Agreed).await.unwrap().revision, 4);
    // And then users were switched on.
    assert_eq!(client.head(Read::Agreed).await.unwrap().revision, 5);
    let headers = stub.headers("Range");
    assert!(!headers[0].contains_key("token") && headers[2]["token"] == "first");
}

#[tokio::test]
async fn a_token_that_is_none_is_not_understood() {
    let stub = Stub::new().await;
    for strange in ["", "hush\n"] {
        stub.answers("Authenticate", [token(strange)]);
        let error = client(&stub).await.head(Read::Agreed).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol);
        assert!(!format!("{error} {error:?}").contains("hush"));
    }
    assert_eq!(stub.called("Range"), 0);
}
