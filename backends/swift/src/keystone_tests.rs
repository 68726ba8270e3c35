use snapstore_cloud::http::{Tls, client};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::login::Interface;

/// A STUB of Keystone, which cannot be had with answers like these: it answers each request with `reply`,
/// an HTTP answer whose length is that of the connection.
async fn stub(reply: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v3", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = vec![0; 1 << 16];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(reply.as_bytes()).await;
        }
    });
    url
}

fn login(auth_url: String) -> Login {
    Login {
        auth_url,
        region: None,
        interface: Interface::Public,
        identity: Identity::Password {
            user: "u".into(),
            password: "hush".into(),
            domain: "d".into(),
            project: "p".into(),
        },
    }
}

async fn answered(reply: &'static str) -> Result<Session> {
    let http = client(&Tls::default()).unwrap();
    log_in(&http, &login(stub(reply).await)).await
}

fn catalogue() -> Vec<Service> {
    let endpoint = |interface: &str, region: &str, url: &str| json!({"interface": interface, "region": region, "region_id": region, "url": url});
    let catalogue = json!([
        {"type": "image", "endpoints": [endpoint("public", "one", "http://image")]},
        {"type": "object-store", "endpoints": [
            endpoint("internal", "one", "http://inside/v1/AUTH_p"),
            endpoint("public", "one", "http://one/v1/AUTH_p/"),
            {"interface": "public", "region_id": "two", "url": "https://two/v1/AUTH_p"},
            endpoint("public", "three", "ftp://three"),
            endpoint("public", "four", "/v1/AUTH_p"),
        ]},
    ]);
    serde_json::from_value(catalogue).unwrap()
}

#[test]
fn the_catalogue_is_asked_for_a_region_and_an_interface() {
    let store = |region: Option<&str>, interface| {
        let login = Login {
            region: region.map(str::to_owned),
            interface,
            ..login("http://k/v3".into())
        };
        object_store(&catalogue(), &login)
    };
    let public = Interface::Public;
    assert_eq!(store(None, public).unwrap(), "http://one/v1/AUTH_p");
    assert_eq!(store(Some("two"), public).unwrap(), "https://two/v1/AUTH_p");
    let inside = store(Some("one"), Interface::Internal).unwrap();
    assert_eq!(inside, "http://inside/v1/AUTH_p");
    for (region, interface, told) in [
        (
            Some("five"),
            public,
            "no public object store in the region \"five\"",
        ),
        (None, Interface::Admin, "no admin object store"),
        (Some("three"), public, "ftp://three"),
        (Some("four"), public, "/v1/AUTH_p"),
    ] {
        let error = store(region, interface).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(error.message().contains(told), "{told}: {error}");
    }
}

#[tokio::test]
async fn a_token_is_a_secret() {
    let body = "HTTP/1.1 201 Created\r\nx-subject-token: hush\r\nconnection: close\r\n\r\n\
                {\"token\": {\"catalog\": [{\"type\": \"object-store\", \"endpoints\": [\
                {\"interface\": \"public\", \"url\": \"http://s/v1/AUTH_p\"}]}]}}";
    let session = answered(body).await.unwrap();
    assert_eq!(session.account, "http://s/v1/AUTH_p");
    assert_eq!(session.token.as_bytes(), b"hush");
    assert!(!format!("{session:?}").contains("hush"));
}

/// What is not understood is asked again: it may be a page of a proxy.
#[tokio::test]
async fn an_answer_that_is_no_token_is_none() {
    for reply in [
        "HTTP/1.1 201 Created\r\nx-subject-token: t\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<html>you said hush</html>",
        "HTTP/1.1 201 Created\r\nx-subject-token: t\r\nconnection: close\r\n\r\n{\"token\": {}}",
        "HTTP/1.1 201 Created\r\nconnection: close\r\n\r\n{\"token\": {\"catalog\": []}}",
        "HTTP/1.1 201 Created\r\nx-subject-token:\r\nconnection: close\r\n\r\n{\"token\": {\"catalog\": []}}",
        "HTTP/1.1 200 OK\r\nx-subject-token: t\r\nconnection: close\r\n\r\n{\"token\": \"hush\"}",
        "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n",
        "HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\n\r\n",
    ] {
        let error = answered(reply).await.unwrap_err();
        assert!(error.is_retryable(), "{reply}: {error}");
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
    }
}

/// Of a password that is no text Keystone says which value is none.
#[tokio::test]
async fn a_refusal_is_final_and_says_back_nothing() {
    for (reply, kind, told) in [
        (
            "401 Unauthorized",
            ErrorKind::Denied,
            "refuses the credentials",
        ),
        (
            "403 Forbidden",
            ErrorKind::Denied,
            "refuses the credentials",
        ),
        (
            "404 Not Found",
            ErrorKind::Config,
            "no address of Keystone's v3",
        ),
        (
            "301 Moved Permanently",
            ErrorKind::Config,
            "no address of Keystone's v3",
        ),
        ("400 Bad Request", ErrorKind::Config, "400"),
    ] {
        let body = "{\"error\": {\"message\": \"hush is not of type string\"}}";
        let reply = format!("HTTP/1.1 {reply}\r\nconnection: close\r\n\r\n{body}");
        let error = answered(reply.leak()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!error.is_retryable(), "{error}");
        assert!(error.message().contains(told), "{told}: {error}");
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
    }
}
