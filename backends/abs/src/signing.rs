//! Shared Key: the signature of Azure Storage with an account's key, version 2015-02-21 and later.
//! <https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key>

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use azure_core::credentials::Secret;
use azure_core::hmac::hmac_sha256;
use azure_core::http::headers::{HeaderName, Headers};
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Body, Context, Request, Url};
use snapstore_cloud::to_http_date;

/// Signs each try of a request, when all its headers are set.
pub(crate) struct SharedKey {
    pub(crate) account: String,
    pub(crate) key: Secret,
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedKey")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Policy for SharedKey {
    async fn send(
        &self,
        ctx: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        request.insert_header("x-ms-date", to_http_date(now()));
        let signature = hmac_sha256(&text(&self.account, request), &self.key)?;
        let proof = format!("SharedKey {}:{signature}", self.account);
        request.insert_header("authorization", proof);
        let Some((first, rest)) = next.split_first() else {
            let message = "nothing follows the signature";
            return Err(azure_core::Error::with_message(
                azure_core::error::ErrorKind::Other,
                message,
            ));
        };
        first.send(ctx, request, rest).await
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "Azure refuses a signature whose time is not the present"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

/// What is signed.
fn text(account: &str, request: &Request) -> String {
    let headers = request.headers();
    let header = |name: &'static str| {
        let value = headers.get_optional_str(&HeaderName::from_static(name));
        value.unwrap_or_default().to_owned()
    };
    let length = match header("content-length") {
        set if !set.is_empty() => set,
        _ => match request.body() {
            Body::Bytes(bytes) => bytes.len().to_string(),
            Body::SeekableStream(_) => String::new(),
        },
    };
    let standard = [
        request.method().to_string(),
        header("content-encoding"),
        header("content-language"),
        // Nothing for a body of nothing, since the version 2015-02-21.
        length.trim_start_matches('0').to_owned(),
        header("content-md5"),
        header("content-type"),
        // Empty: `x-ms-date` takes its place.
        String::new(),
        header("if-modified-since"),
        header("if-match"),
        header("if-none-match"),
        header("if-unmodified-since"),
        header("range"),
    ];
    let standard = standard.join("\n");
    format!(
        "{standard}\n{}{}",
        own_headers(headers),
        resource(account, request.url())
    )
}

/// Those that begin with `x-ms-`, sorted, one on a line.
fn own_headers(headers: &Headers) -> String {
    let own: BTreeMap<String, &str> = headers
        .iter()
        .map(|(name, value)| (name.as_str().to_ascii_lowercase(), value.as_str().trim()))
        .filter(|(name, _)| name.starts_with("x-ms-"))
        .collect();
    let lines = own.iter().map(|(name, value)| format!("{name}:{value}\n"));
    lines.collect()
}

/// The account, the path as it is sent, and the query, decoded and sorted.
fn resource(account: &str, url: &Url) -> String {
    let mut query: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in url.query_pairs() {
        let values = query.entry(name.to_lowercase()).or_default();
        values.push(value.into_owned());
    }
    let mut resource = format!("/{account}{}", url.path());
    for (name, mut values) in query {
        values.sort();
        resource += &format!("\n{name}:{}", values.join(","));
    }
    resource
}

#[cfg(test)]
mod tests {
    use super::*;
    use azure_core::http::Method;

    fn request(method: Method, url: &str, headers: &[(&'static str, &'static str)]) -> Request {
        let mut request = Request::new(Url::parse(url).unwrap(), method);
        for (name, value) in headers {
            request.insert_header(*name, *value);
        }
        request
    }

    /// The first example of Microsoft's page: "Get Container Metadata".
    #[test]
    fn the_metadata_of_a_container_are_signed_as_documented() {
        let request = request(
            Method::Get,
            "http://myaccount.blob.core.windows.net/mycontainer?restype=container&comp=metadata&timeout=20",
            &[
                ("x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT"),
                ("x-ms-version", "2015-02-21"),
            ],
        );
        assert_eq!(
            text("myaccount", &request),
            "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\n\
             x-ms-version:2015-02-21\n/myaccount/mycontainer\ncomp:metadata\nrestype:container\n\
             timeout:20"
        );
    }

    /// Two others of that page: a listing, and the secondary of a pair, which has the same name.
    #[test]
    fn a_listing_is_signed_as_documented() {
        let url = "https://myaccount.blob.core.windows.net/mycontainer?restype=container&\
                   comp=list&include=snapshots&include=metadata&include=uncommittedblobs";
        assert_eq!(
            resource("myaccount", &Url::parse(url).unwrap()),
            "/myaccount/mycontainer\ncomp:list\ninclude:metadata,snapshots,uncommittedblobs\n\
             restype:container"
        );
        let other = Url::parse("https://myaccount-secondary.blob.core.windows.net/c/b").unwrap();
        assert_eq!(resource("myaccount", &other), "/myaccount/c/b");
    }

    #[test]
    fn a_body_and_an_emulator_are_signed() {
        let mut put = request(
            Method::Put,
            "http://127.0.0.1:10000/devstoreaccount1/bk/a%20b%2Fc",
            &[
                ("content-type", "application/octet-stream"),
                ("if-none-match", "*"),
                ("x-ms-blob-type", "BlockBlob"),
            ],
        );
        let tail = "x-ms-blob-type:BlockBlob\n/devstoreaccount1/devstoreaccount1/bk/a%20b%2Fc";
        let with = |length: &str| {
            format!("PUT\n\n\n{length}\n\napplication/octet-stream\n\n\n\n*\n\n\n{tail}")
        };
        assert_eq!(text("devstoreaccount1", &put), with(""));
        put.insert_header("content-length", "0");
        assert_eq!(text("devstoreaccount1", &put), with(""));
        put.insert_header("content-length", "100");
        assert_eq!(text("devstoreaccount1", &put), with("100"));
    }

    /// HMAC-SHA256 of RFC 4231, test case 2, through the function that signs.
    #[test]
    fn the_arithmetic_is_that_of_the_standard() {
        let key = Secret::new(azure_core::base64::encode(b"Jefe"));
        let signed = hmac_sha256("what do ya want for nothing?", &key).unwrap();
        assert_eq!(signed, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
    }

    #[test]
    fn the_key_shows_itself_to_nobody() {
        let policy = SharedKey {
            account: "mine".into(),
            key: Secret::new("hush"),
        };
        assert!(!format!("{policy:?}").contains("hush"));
    }
}
