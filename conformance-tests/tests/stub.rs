//! The stubs keep the rules that they are there for.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::time::Duration;

use reqwest::{Method, Response};
use testkit::stub::Stub;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct Client {
    http: reqwest::Client,
    base: String,
}

impl Client {
    fn of(base: String) -> Self {
        let http = snapstore_cloud::http::client(&Default::default()).unwrap();
        Self { http, base }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(body.to_owned()).send().await.unwrap()
    }

    async fn get(&self, path: &str) -> String {
        self.ask(Method::GET, path, &[], "")
            .await
            .text()
            .await
            .unwrap()
    }
}

async fn status_and_text(reply: Response) -> (u16, String) {
    (reply.status().as_u16(), reply.text().await.unwrap())
}

fn gcs() -> (Stub, Client) {
    let stub = Stub::gcs().unwrap();
    let client = Client::of(stub.url().to_owned());
    (stub, client)
}

async fn put_gcs(client: &Client, name: &str, more: &str) -> (u16, String) {
    let path = format!("/upload/storage/v1/b/bk/o?uploadType=media&name={name}{more}");
    status_and_text(client.ask(Method::POST, &path, &[], "hello").await).await
}

#[tokio::test]
async fn gcs_holds_what_is_retained() {
    let (stub, client) = gcs();
    stub.retain(DAY);
    assert_eq!(put_gcs(&client, "a%2Fb", "").await.0, 200);
    let object = "/storage/v1/b/bk/o/a%2Fb";
    let about = client.get(object).await;
    assert!(about.contains("retentionExpirationTime"), "{about}");
    assert!(
        client
            .get("/storage/v1/b/bk")
            .await
            .contains(r#""retentionPeriod":"86400""#)
    );
    assert_eq!(client.get(&format!("{object}?alt=media")).await, "hello");
    let refused = client.ask(Method::DELETE, object, &[], "").await;
    let (status, text) = status_and_text(refused).await;
    assert!(
        status == 403 && text.contains("retentionPolicyNotMet"),
        "{text}"
    );
    assert_eq!(put_gcs(&client, "a%2Fb", "").await.0, 403);
    stub.age(DAY);
    let deleted = client.ask(Method::DELETE, object, &[], "").await;
    assert_eq!(deleted.status(), 204);
    let gone = client.ask(Method::DELETE, object, &[], "").await;
    assert_eq!(gone.status(), 404);
}

#[tokio::test]
async fn gcs_lets_one_of_two_have_a_name() {
    let (stub, client) = gcs();
    assert_eq!(put_gcs(&client, "k", "&ifGenerationMatch=0").await.0, 200);
    let (status, text) = put_gcs(&client, "k", "&ifGenerationMatch=0").await;
    assert!(status == 412 && text.contains("conditionNotMet"), "{text}");
    // Somebody else is faster, at the last moment of a session.
    let begin = "/upload/storage/v1/b/bk/o?uploadType=resumable&name=new&ifGenerationMatch=0";
    let begun = client.ask(Method::POST, begin, &[], "{}").await;
    let session = begun.headers()["location"].to_str().unwrap().to_owned();
    let session = Client::of(session);
    stub.forestall("new", "theirs");
    let first = [("content-range", "bytes 0-4/*")];
    let more = session.ask(Method::PUT, "", &first, "hello").await;
    assert_eq!(more.status(), 308);
    assert_eq!(more.headers()["range"], "bytes=0-4");
    let last = [("content-range", "bytes 5-5/6")];
    let refused = session.ask(Method::PUT, "", &last, "!").await;
    assert_eq!(refused.status(), 412);
    assert_eq!(
        client.get("/storage/v1/b/bk/o/new?alt=media").await,
        "theirs"
    );
}

#[tokio::test]
async fn gcs_composes_and_lists() {
    let (stub, client) = gcs();
    for name in ["p1", "p2", "q"] {
        put_gcs(&client, name, "").await;
    }
    let about = r#"{"name":"m","metadata":{"who":"us"}}"#;
    let related = format!("--x\r\n\r\n{about}\r\n--x\r\n\r\nbytes\r\n--x--");
    let boundary = [("content-type", "multipart/related; boundary=x")];
    let path = "/upload/storage/v1/b/bk/o?uploadType=multipart";
    let put = client.ask(Method::POST, path, &boundary, &related).await;
    assert!(put.text().await.unwrap().contains(r#""who":"us""#));
    assert_eq!(client.get("/storage/v1/b/bk/o/m?alt=media").await, "bytes");
    let sources = r#"{"sourceObjects":[{"name":"p1"},{"name":"p2"}],"deleteSourceObjects":true}"#;
    let compose = "/storage/v1/b/bk/o/p/compose?ifGenerationMatch=0";
    assert_eq!(
        client
            .ask(Method::POST, compose, &[], sources)
            .await
            .status(),
        200
    );
    assert_eq!(
        client.get("/storage/v1/b/bk/o/p?alt=media").await,
        "hellohello"
    );
    let page: serde_json::Value =
        serde_json::from_str(&client.get("/storage/v1/b/bk/o?maxResults=2").await).unwrap();
    let names: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["name"])
        .collect();
    assert_eq!(names, ["m", "p"]);
    let next = page["nextPageToken"].as_str().unwrap();
    let rest = client
        .get(&format!("/storage/v1/b/bk/o?pageToken={next}"))
        .await;
    assert!(
        rest.contains(r#""name":"q""#) && !rest.contains("nextPageToken"),
        "{rest}"
    );
    stub.retain(DAY);
    let held = r#"{"sourceObjects":[{"name":"q"}],"deleteSourceObjects":true}"#;
    let refused = client
        .ask(Method::POST, "/storage/v1/b/bk/o/r/compose", &[], held)
        .await;
    assert_eq!(refused.status(), 403);
}

fn azure() -> (Stub, Client) {
    let stub = Stub::azure().unwrap();
    let client = Client::of(format!("{}/bk", stub.url()));
    (stub, client)
}

#[tokio::test]
async fn azure_holds_what_is_retained() {
    let (stub, client) = azure();
    stub.retain(DAY);
    let put = client
        .ask(
            Method::PUT,
            "/a%2Fb",
            &[("x-ms-blob-type", "BlockBlob")],
            "hello",
        )
        .await;
    assert_eq!(put.status(), 201);
    let head = client.ask(Method::HEAD, "/a/b", &[], "").await;
    assert_eq!(head.headers()["content-length"], "5");
    assert_eq!(head.headers()["x-ms-immutability-policy-mode"], "Locked");
    assert!(
        head.headers()
            .contains_key("x-ms-immutability-policy-until-date")
    );
    let list = "?restype=container&comp=list&prefix=a/";
    assert!(!client.get(list).await.contains("ImmutabilityPolicy"));
    let asked = client
        .get(&format!("{list}&include=metadata%2Cimmutabilitypolicy"))
        .await;
    assert!(asked.contains("<Name>a/b</Name>") && asked.contains("<ImmutabilityPolicyUntilDate>"));
    let refused = client.ask(Method::DELETE, "/a/b", &[], "").await;
    assert_eq!(
        refused.headers()["x-ms-error-code"],
        "BlobImmutableDueToPolicy"
    );
    let (status, text) = status_and_text(refused).await;
    assert!(
        status == 409 && text.contains("<Code>BlobImmutableDueToPolicy</Code>"),
        "{text}"
    );
    stub.age(DAY);
    assert_eq!(
        client.ask(Method::DELETE, "/a/b", &[], "").await.status(),
        202
    );
    assert_eq!(client.ask(Method::GET, "/a/b", &[], "").await.status(), 404);
}

#[tokio::test]
async fn azure_lets_one_of_two_have_a_name() {
    let (stub, client) = azure();
    let absent = [("if-none-match", "*")];
    for (id, data) in [("MQ==", "one"), ("Mg==", "two")] {
        let path = format!("/k?comp=block&blockid={id}");
        assert_eq!(
            client.ask(Method::PUT, &path, &[], data).await.status(),
            201
        );
    }
    let list = "<BlockList><Latest>MQ==</Latest><Latest>Mg==</Latest></BlockList>";
    stub.forestall("k", "theirs");
    let refused = client
        .ask(Method::PUT, "/k?comp=blocklist", &absent, list)
        .await;
    assert_eq!(refused.headers()["x-ms-error-code"], "BlobAlreadyExists");
    assert_eq!(client.get("/k").await, "theirs");
    let done = client
        .ask(Method::PUT, "/k?comp=blocklist", &[], list)
        .await;
    assert_eq!(done.status(), 201);
    let part = client
        .ask(Method::GET, "/k", &[("x-ms-range", "bytes=2-3")], "")
        .await;
    assert_eq!(part.status(), 206);
    assert_eq!(part.text().await.unwrap(), "et");
    let again = client
        .ask(Method::PUT, "/k?comp=blocklist", &[], list)
        .await;
    assert_eq!(again.headers()["x-ms-error-code"], "InvalidBlockList");
    let old = [("if-match", "\"0x1\"")];
    assert_eq!(client.ask(Method::GET, "/k", &old, "").await.status(), 412);
}
