use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::{HeaderName, Headers};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request};
use futures::TryStreamExt;
use reqwest::{Client, Method};
use snapstore_cloud::document::Document;
use snapstore_cloud::http::{named, odd, untrusted, warn_if_clear};
use snapstore_cloud::read::content_range;

/// We do not read it, but the SDK fails a whole read if it is written with a capital. Which Azure
/// does is not documented; no backup may be unreadable for it.
const MODE: &str = "x-ms-immutability-policy-mode";

/// Our HTTP client, as the SDK wants it.
///
/// The SDK takes a `reqwest::Client` as it is too, but then its errors show the address of the
/// request, and the address may be signed (SAS).
#[derive(Debug)]
pub(crate) struct Transport(pub(crate) Client);

#[async_trait]
impl HttpClient for Transport {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        if request.url().query_pairs().any(|(name, _)| name == "sig") {
            warn_if_clear("the SAS", request.url().as_str());
        }
        let method = Method::from_bytes(request.method().as_str().as_bytes());
        let method = method.map_err(|error| Error::new(ErrorKind::Other, error))?;
        let mut sending = self.0.request(method, request.url().clone());
        for (name, value) in request.headers().iter() {
            sending = sending.header(name.as_str(), value.as_str());
        }
        let Body::Bytes(body) = request.body().clone() else {
            let message = "a body that is not in memory was not expected";
            return Err(Error::with_message(ErrorKind::Other, message));
        };
        let reply = sending.body(body).send().await.map_err(broken)?;
        let mut headers = Headers::new();
        for (name, value) in reply.headers() {
            let Ok(value) = value.to_str() else { continue };
            let value = match name.as_str() {
                MODE => value.to_ascii_lowercase(),
                _ => value.to_owned(),
            };
            headers.insert(name.as_str().to_owned(), value);
        }
        let status = reply.status().as_u16().into();
        is_all_of_it(request, &headers)
            .map_err(|odd| Error::new(ErrorKind::DataConversion, odd))?;
        if let Some(root) = answered_with(request).filter(|_| reply.status().is_success()) {
            let body = reply.bytes().await.map_err(broken)?;
            Document::read(root.0, &body, &[root.1])
                .map_err(|odd| Error::new(ErrorKind::DataConversion, odd))?;
            return Ok(AsyncRawResponse::from_bytes(status, headers, body));
        }
        let body = Box::pin(reply.bytes_stream().map_err(broken));
        Ok(AsyncRawResponse::new(status, headers, body))
    }
}

/// Refuses a reply that ends before what was asked for. The SDK would fetch the rest, and takes memory
/// for a whole part of a download first, which here is as long as a blob may be: the process ended.
fn is_all_of_it(request: &Request, reply: &Headers) -> snapstore::Result<()> {
    let said = reply.get_optional_str(&HeaderName::from_static("content-range"));
    let Some((held, size)) = said.and_then(content_range) else {
        return Ok(());
    };
    let asked = ["x-ms-range", "range"].into_iter().find_map(|name| {
        let asked = request
            .headers()
            .get_optional_str(&HeaderName::from_static(name))?;
        let (_, last) = asked.strip_prefix("bytes=")?.split_once('-')?;
        last.parse::<u64>().ok()
    });
    let end = asked.map_or(size, |last| last.saturating_add(1).min(size));
    match held.end < end {
        true => Err(odd(
            "get",
            format!("the bytes to {end} were asked for, and {held:?} of {size} came"),
        )),
        false => Ok(()),
    }
}

/// What a question is answered with, of those that a document answers. The SDK takes any well-formed
/// XML for an empty listing, since every part of its model may be missing.
fn answered_with(request: &Request) -> Option<(&'static str, &'static str)> {
    let mut query = request.url().query_pairs();
    let (_, component) = query.find(|(name, _)| name == "comp")?;
    match (request.method().as_str(), component.as_ref()) {
        ("GET", "list") => Some(("list", "EnumerationResults")),
        ("GET", "tags") => Some(("head", "Tags")),
        _ => None,
    }
}

fn broken(error: reqwest::Error) -> Error {
    let kind = match untrusted("open", &error) {
        // Not a kind that the SDK asks again for: it did so for two minutes.
        Some(_) => ErrorKind::Other,
        None if error.is_connect() => ErrorKind::Connection,
        None => ErrorKind::Io,
    };
    Error::new(kind, named(error))
}
