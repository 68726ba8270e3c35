//! Azure Blob Storage: <https://learn.microsoft.com/en-us/rest/api/storageservices/blob-service-rest-api>.

use bytes::Bytes;
use crc_fast::{CrcAlgorithm, checksum};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use md5::{Digest, Md5};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use url::form_urlencoded;

use super::azure_call::{Call, etag};
use super::azure_list;
use super::azure_refusal::{refuse, refuse_conflict};
use super::reply::{range, reply};
use super::shelf::{Conflict, Held, Shared, Shelf, lock};
use crate::loopback::{Body, BrokenOff, Handler, Plug};

#[derive(Debug, Clone)]
pub(super) struct Azure(pub(super) Shared);

impl Handler for Azure {
    async fn handle(
        &self,
        request: Request<Incoming>,
        _plug: Plug,
    ) -> Result<Response<Body>, BrokenOff> {
        let (head, body) = request.into_parts();
        let path = percent_decode_str(head.uri.path()).decode_utf8_lossy();
        // The account stands first, as in Azurite.
        let mut segments = path.trim_start_matches('/').splitn(3, '/').skip(1);
        let query = head.uri.query().unwrap_or_default().as_bytes();
        let call = Call {
            method: head.method,
            container: segments.next().unwrap_or_default().to_owned(),
            blob: segments.next().unwrap_or_default().to_owned(),
            query: form_urlencoded::parse(query).into_owned().collect(),
            headers: head.headers,
            body: body.collect().await?.to_bytes(),
        };
        Ok(answer(&call, &mut lock(&self.0)))
    }
}

fn answer(call: &Call, shelf: &mut Shelf) -> Response<Body> {
    let (method, comp) = (call.method.as_str(), call.parameter("comp"));
    if call.blob.is_empty() {
        return match (method, comp) {
            ("PUT", "") => reply(201, &[], ""),
            ("GET", "list") => azure_list::page(call, shelf),
            ("GET" | "HEAD", "") => reply(200, &about_container(shelf), ""),
            _ => unknown(),
        };
    }
    if method == "PUT"
        && let Some(refusal) = damage(call)
    {
        return refusal;
    }
    match (method, comp) {
        ("PUT", "") if call.headers.contains_key("x-ms-copy-source") => copy(call, shelf),
        ("PUT", "") => written(put(call, call.body.clone(), shelf)),
        ("PUT", "block") => {
            let id = call.parameter("blockid").to_owned();
            let blocks = shelf.unfinished.entry(call.blob.clone()).or_default();
            blocks.insert(id, call.body.clone());
            reply(201, &[], "")
        }
        ("PUT", "blocklist") => commit(call, shelf),
        ("GET" | "HEAD", "") => read(call, shelf),
        ("DELETE", "") => match shelf.delete(&call.blob) {
            Ok(()) => reply(202, &[], ""),
            Err(conflict) => refuse_conflict(conflict),
        },
        _ => unknown(),
    }
}

/// What Azure says of a body that is not what its checksum says. Azurite takes no CRC.
fn damage(call: &Call) -> Option<Response<Body>> {
    let is_other = |name: &str, right: &[u8]| {
        let right = base64_simd::STANDARD.encode_to_string(right);
        call.header(name).is_some_and(|said| said != right)
    };
    let crc64 = checksum(CrcAlgorithm::Crc64Nvme, &call.body).to_le_bytes();
    if is_other("x-ms-content-crc64", &crc64) {
        let message = "The CRC64 value specified in the request did not match.";
        return Some(refuse(400, "Crc64Mismatch", message));
    }
    let md5 = Md5::digest(&call.body);
    if is_other("content-md5", &md5) || is_other("x-ms-blob-content-md5", &md5) {
        let message = "The MD5 value specified in the request did not match.";
        return Some(refuse(400, "Md5Mismatch", message));
    }
    None
}

fn unknown() -> Response<Body> {
    refuse(501, "NotImplemented", "The stub does not know this call.")
}

fn about_container(shelf: &Shelf) -> Vec<(&'static str, String)> {
    let has = shelf.retention.is_some().to_string();
    vec![
        ("x-ms-has-immutability-policy", has),
        ("x-ms-has-legal-hold", "false".to_owned()),
    ]
}

fn put(call: &Call, data: Bytes, shelf: &mut Shelf) -> Result<Held, Conflict> {
    shelf.put(&call.blob, data, call.metadata(), call.condition())
}

/// Copies a blob of the account. That it is done is said when it is looked at, as Azure may do it.
fn copy(call: &Call, shelf: &mut Shelf) -> Response<Body> {
    let source = call.header("x-ms-copy-source").unwrap_or_default();
    let source = source.split_once("://").map_or("", |(_, rest)| rest);
    // The host, the account and the container stand before the name.
    let name = source.splitn(4, '/').nth(3).unwrap_or_default();
    let name = percent_decode_str(name).decode_utf8_lossy();
    let held = match shelf.get(&name) {
        Ok(held) => held.clone(),
        Err(conflict) => return refuse_conflict(conflict),
    };
    if call
        .header("x-ms-source-if-match")
        .is_some_and(|wanted| wanted != etag(&held))
    {
        let message = "The source condition specified using HTTP conditional header(s) is not met.";
        return refuse(412, "SourceConditionNotMet", message);
    }
    match put(call, held.data, shelf) {
        Ok(held) => {
            let mut headers = stamps(&held);
            headers.push(("x-ms-copy-status", "pending".to_owned()));
            reply(202, &headers, "")
        }
        Err(conflict) => refuse_conflict(conflict),
    }
}

fn written(done: Result<Held, Conflict>) -> Response<Body> {
    match done {
        Ok(held) => reply(201, &stamps(&held), ""),
        Err(conflict) => refuse_conflict(conflict),
    }
}

/// `<Latest>` in the order of the blob. The other two kinds of entries are not for backups.
#[derive(Deserialize)]
struct BlockList {
    #[serde(rename = "Latest", default)]
    latest: Vec<String>,
}

fn commit(call: &Call, shelf: &mut Shelf) -> Response<Body> {
    let text = String::from_utf8_lossy(&call.body);
    let Ok(list) = quick_xml::de::from_str::<BlockList>(&text) else {
        return refuse(
            400,
            "InvalidXmlDocument",
            "XML specified is not syntactically valid.",
        );
    };
    let blocks = shelf.unfinished.get(&call.blob);
    let mut data = Vec::new();
    for id in &list.latest {
        let Some(block) = blocks.and_then(|blocks| blocks.get(id)) else {
            let message = "The specified block list is invalid.";
            return refuse(400, "InvalidBlockList", message);
        };
        data.extend_from_slice(block);
    }
    let done = put(call, data.into(), shelf);
    if done.is_ok() {
        shelf.unfinished.remove(&call.blob);
    }
    written(done)
}

fn stamps(held: &Held) -> Vec<(&'static str, String)> {
    vec![
        ("etag", etag(held)),
        ("last-modified", httpdate::fmt_http_date(held.written)),
        ("x-ms-version", "2026-04-06".to_owned()),
        ("x-ms-request-id", "stub".to_owned()),
    ]
}

fn read(call: &Call, shelf: &Shelf) -> Response<Body> {
    let held = match shelf.get(&call.blob) {
        Ok(held) => held,
        Err(conflict) => return refuse_conflict(conflict),
    };
    if call
        .header("if-match")
        .is_some_and(|wanted| wanted != "*" && wanted != etag(held))
    {
        let message = "The condition specified using HTTP conditional header(s) is not met.";
        return refuse(412, "ConditionNotMet", message);
    }
    let mut headers = stamps(held);
    headers.extend([
        ("content-type", "application/octet-stream".to_owned()),
        ("x-ms-blob-type", "BlockBlob".to_owned()),
        ("x-ms-creation-time", httpdate::fmt_http_date(held.written)),
        ("accept-ranges", "bytes".to_owned()),
        ("x-ms-copy-status", "success".to_owned()),
    ]);
    let metadata: Vec<_> = held
        .metadata
        .iter()
        .map(|(name, value)| (format!("x-ms-meta-{name}"), value.clone()))
        .collect();
    headers.extend(
        metadata
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone())),
    );
    if let Some(until) = shelf.retained_until(held) {
        headers.extend([
            (
                "x-ms-immutability-policy-until-date",
                httpdate::fmt_http_date(until),
            ),
            ("x-ms-immutability-policy-mode", "Locked".to_owned()),
        ]);
    }
    let size = held.data.len();
    if call.method == Method::HEAD {
        headers.push(("content-length", size.to_string()));
        return reply(200, &headers, "");
    }
    let wanted = call.header("x-ms-range").or(call.header("range"));
    match range(wanted, size as u64) {
        Err(()) => {
            let message = "The range specified is invalid for the current size of the resource.";
            refuse(416, "InvalidRange", message)
        }
        Ok(None) => reply(200, &headers, held.data.clone()),
        Ok(Some(range)) => {
            let place = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            headers.push(("content-range", place));
            reply(206, &headers, held.data.slice(range))
        }
    }
}
