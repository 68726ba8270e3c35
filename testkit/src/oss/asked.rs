use std::net::IpAddr;

use hyper::http::request::Parts;
use hyper::{HeaderMap, Method};
use percent_encoding::percent_decode_str;

use super::refusal::Refusal;

/// A request, taken apart.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    /// Empty for the service itself.
    pub(super) bucket: String,
    /// Empty for the bucket.
    pub(super) key: String,
    /// Decoded, in the order of the request. What has no `=` has an empty value.
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
}

impl Asked {
    pub(super) fn new(head: Parts) -> Result<Self, Refusal> {
        let path = decoded(head.uri.path().trim_start_matches('/'))?;
        let (bucket, key) = match bucket_of(&head.headers) {
            Some(bucket) => (bucket, path),
            None => match path.split_once('/') {
                Some((bucket, key)) => (bucket.to_owned(), key.to_owned()),
                None => (path, String::new()),
            },
        };
        let pairs = head.uri.query().unwrap_or_default().split('&');
        let pairs = pairs.filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // As forms are sent, and as the vendor's client does it.
            Ok((
                decoded(&name.replace('+', " "))?,
                decoded(&value.replace('+', " "))?,
            ))
        });
        Ok(Self {
            method: head.method,
            bucket,
            key,
            query: pairs.collect::<Result<_, Refusal>>()?,
            headers: head.headers,
        })
    }

    /// A header, when it is there and text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let pair = self.query.iter().find(|(other, _)| other == name);
        pair.map(|(_, value)| value.as_str())
    }

    /// A parameter that says something: the vendor's client sends empty ones.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.parameter(name).filter(|value| !value.is_empty())
    }

    /// A parameter that is a number.
    pub(super) fn number(&self, name: &str) -> Result<Option<u32>, Refusal> {
        let wrong = |_| Refusal::argument(format!("{name} is no number"));
        self.filled(name)
            .map(|value| value.parse().map_err(wrong))
            .transpose()
    }
}

/// The bucket, when it stands before the endpoint. An address and `localhost` are endpoints.
fn bucket_of(headers: &HeaderMap) -> Option<String> {
    let host = headers.get("host")?.to_str().ok()?;
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let (first, rest) = host.split_once('.')?;
    let bare = host.parse::<IpAddr>().is_ok() || first == "oss" || first.starts_with("oss-");
    (!bare && !rest.is_empty()).then(|| first.to_owned())
}

fn decoded(text: &str) -> Result<String, Refusal> {
    let bytes = percent_decode_str(text).decode_utf8();
    let text = bytes.map_err(|_| Refusal::argument("what is asked for is not UTF-8".to_owned()))?;
    Ok(text.into_owned())
}
