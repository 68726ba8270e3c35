use super::*;
use http::HeaderValue;

fn peer(address: &str, shown: Shown) -> Peer {
    Peer {
        address: address.parse().unwrap(),
        shown,
    }
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, HeaderValue::from_str(value).unwrap());
    }
    headers
}

/// The reference answers everybody in the network: whoever reached the port could read etcd's configuration, and
/// stop the backups by an initialization.
#[test]
fn the_initialization_is_an_affair_of_the_pod() {
    let none = HeaderMap::new();
    let far = peer("10.1.2.3", Shown::Certificate);
    let near = peer("::ffff:127.0.0.1", Shown::Nothing);
    let refused = may_initialize(Callers::Loopback, &far, &none).unwrap_err();
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(may_initialize(Callers::Loopback, &near, &none), Ok(()));
    assert_eq!(may_initialize(Callers::Anybody, &far, &none), Ok(()));
}

#[test]
fn a_web_page_asks_for_nothing() {
    let near = peer("127.0.0.1", Shown::Nothing);
    for (name, value, may) in [
        ("origin", "http://evil.example", false),
        ("origin", "null", false),
        ("sec-fetch-site", "cross-site", false),
        ("sec-fetch-site", "same-site", false),
        // Typed by somebody, or of a page of ours.
        ("sec-fetch-site", "none", true),
        ("sec-fetch-site", "same-origin", true),
        ("user-agent", "Go-http-client/1.1", true),
    ] {
        let headers = headers(&[(name, value)]);
        let asked = may_initialize(Callers::Loopback, &near, &headers);
        assert_eq!(asked.is_ok(), may, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_token_is_compared_whole() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("token");
    let access = TriggerAccess::Token(path.clone());
    let far = peer("10.1.2.3", Shown::Nothing);
    std::fs::write(&path, "s3cret\n").unwrap();
    for (shown, may) in [
        ("Bearer s3cret", true),
        ("bearer s3cret", true),
        ("Bearer s3cre", false),
        ("Bearer s3cret2", false),
        ("Bearer ", false),
        ("Basic s3cret", false),
        ("s3cret", false),
    ] {
        let headers = headers(&[("authorization", shown)]);
        let asked = may_trigger(&access, &far, &headers).await;
        assert_eq!(asked.is_ok(), may, "{shown}");
    }
    let twice = headers(&[
        ("authorization", "Bearer s3cret"),
        ("authorization", "Bearer x"),
    ]);
    assert!(may_trigger(&access, &far, &twice).await.is_err());
    // It is read at each request: one that leaked is of no use when it was replaced.
    std::fs::write(&path, "n3w").unwrap();
    let old = headers(&[("authorization", "Bearer s3cret")]);
    let refused = may_trigger(&access, &far, &old).await.unwrap_err();
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(!refused.why.contains("n3w"), "{refused:?}");
}

/// A file that was not mounted must not open the door.
#[tokio::test]
async fn without_its_file_a_token_opens_nothing() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("token");
    let access = TriggerAccess::Token(path.clone());
    let far = peer("10.1.2.3", Shown::Nothing);
    let empty = headers(&[("authorization", "Bearer ")]);
    let refused = may_trigger(&access, &far, &empty).await.unwrap_err();
    assert_eq!(refused.status, StatusCode::INTERNAL_SERVER_ERROR);
    for content in [&b""[..], b" \n", b"\xff\xfe", &[b'x'; 5000]] {
        std::fs::write(&path, content).unwrap();
        let refused = may_trigger(&access, &far, &empty).await.unwrap_err();
        assert_eq!(
            refused.status,
            StatusCode::INTERNAL_SERVER_ERROR,
            "{content:?}"
        );
    }
}

#[tokio::test]
async fn a_certificate_is_asked_for_where_it_is_wanted() {
    let access = TriggerAccess::ClientCa("ca.pem".into());
    let none = HeaderMap::new();
    let nobody = may_trigger(&access, &peer("127.0.0.1", Shown::Nothing), &none).await;
    assert_eq!(nobody.unwrap_err().status, StatusCode::UNAUTHORIZED);
    let known = may_trigger(&access, &peer("10.1.2.3", Shown::Certificate), &none).await;
    assert_eq!(known, Ok(()));
}
