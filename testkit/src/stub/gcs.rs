//! Google Cloud Storage, JSON API v1: <https://cloud.google.com/storage/docs/json_api/v1>.

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::{Request, Response};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::gcs_call::{Call, found};
use super::gcs_refusal::{self, refuse, refuse_conflict};
use super::gcs_resource::{description, download};
use super::gcs_upload;
use super::reply::reply;
use super::shelf::{Conflict, Shared, Shelf, lock};
use crate::loopback::{Body, BrokenOff, Handler, Plug};

#[derive(Debug, Clone)]
pub(super) struct Gcs(pub(super) Shared);

impl Handler for Gcs {
    async fn handle(
        &self,
        request: Request<Incoming>,
        _plug: Plug,
    ) -> Result<Response<Body>, BrokenOff> {
        let (head, body) = request.into_parts();
        let segments = head.uri.path().trim_start_matches('/').split('/');
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let query = head.uri.query().unwrap_or_default().as_bytes();
        let call = Call {
            method: head.method,
            path: segments.map(decoded).collect(),
            query: form_urlencoded::parse(query).into_owned().collect(),
            headers: head.headers,
            body: body.collect().await?.to_bytes(),
        };
        Ok(answer(&call, &mut lock(&self.0)))
    }
}

fn answer(call: &Call, shelf: &mut Shelf) -> Response<Body> {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match (call.method.as_str(), &path[..]) {
        ("POST", ["storage", "v1", "b"]) => found(&json!({"kind": "storage#bucket"})),
        ("GET", ["storage", "v1", "b", bucket]) => found(&described(bucket, shelf)),
        ("GET", ["storage", "v1", "b", bucket, "o"]) => list(call, bucket, shelf),
        (_, ["storage", "v1", "b", bucket, "o", name]) if is_gone(call, name, shelf) => {
            refuse_conflict(Conflict::Missing, bucket, name)
        }
        ("GET", ["storage", "v1", "b", bucket, "o", name]) => match shelf.get(name) {
            Err(conflict) => refuse_conflict(conflict, bucket, name),
            Ok(held) if call.parameter("alt") == "media" => download(call, held),
            Ok(held) => found(&description(bucket, name, held, shelf)),
        },
        ("DELETE", ["storage", "v1", "b", bucket, "o", name]) => match shelf.delete(name) {
            Err(conflict) => refuse_conflict(conflict, bucket, name),
            Ok(()) => reply(204, &[], ""),
        },
        ("POST", ["storage", "v1", "b", bucket, "o", name, "compose"]) => {
            compose(call, bucket, name, shelf)
        }
        (
            "POST",
            [
                "storage",
                "v1",
                "b",
                _,
                "o",
                from,
                "rewriteTo",
                "b",
                bucket,
                "o",
                name,
            ],
        ) => rewrite(call, from, (bucket, name), shelf),
        ("POST" | "PUT", ["upload", "storage", "v1", "b", bucket, "o"]) => {
            gcs_upload::answer(call, bucket, shelf)
        }
        _ => refuse(501, "notImplemented", "the stub does not know this call"),
    }
}

/// Whether a generation is asked for that is no more: only the newest is kept.
fn is_gone(call: &Call, name: &str, shelf: &Shelf) -> bool {
    let newest = shelf.get(name).map(|held| held.generation);
    let asked = call.parameter("generation").parse::<u64>();
    matches!((newest, asked), (Ok(newest), Ok(asked)) if newest != asked)
}

fn described(bucket: &str, shelf: &Shelf) -> Value {
    let mut described = json!({"kind": "storage#bucket", "name": bucket});
    if let Some(period) = shelf.retention {
        described["retentionPolicy"] = json!({
            "retentionPeriod": period.as_secs().to_string(),
            "effectiveTime": "2026-01-01T00:00:00.000Z",
            "isLocked": true,
        });
    }
    described
}

fn list(call: &Call, bucket: &str, shelf: &Shelf) -> Response<Body> {
    let (prefix, after) = (call.parameter("prefix"), call.parameter("pageToken"));
    let most = call.parameter("maxResults").parse().unwrap_or(1000);
    let mut rest = shelf
        .objects
        .iter()
        .filter(|(name, _)| name.starts_with(prefix) && name.as_str() > after)
        .peekable();
    let mut items = Vec::new();
    let mut last = "";
    for (name, held) in rest.by_ref().take(most) {
        items.push(description(bucket, name, held, shelf));
        last = name;
    }
    let mut page = json!({"kind": "storage#objects", "items": items});
    if rest.peek().is_some() {
        page["nextPageToken"] = last.into();
    }
    found(&page)
}

/// Copies an object, in two calls: Google does not do all of a long one in the first.
fn rewrite(
    call: &Call,
    from: &str,
    (bucket, name): (&str, &str),
    shelf: &mut Shelf,
) -> Response<Body> {
    let (held, asked) = (shelf.get(from), call.parameter("sourceGeneration"));
    let held = match held {
        Ok(held) if held.generation.to_string() == asked => held.clone(),
        _ => return refuse_conflict(Conflict::Missing, bucket, from),
    };
    if call.parameter("rewriteToken").is_empty() {
        return found(
            &json!({"kind": "storage#rewriteResponse", "done": false, "rewriteToken": "on"}),
        );
    }
    let metadata = serde_json::from_slice(&call.body).map(|wanted| gcs_upload::metadata(&wanted));
    let Ok(metadata) = metadata else {
        return refuse(400, "parseError", "Parse Error");
    };
    match shelf.put(name, held.data, metadata, call.condition()) {
        Err(conflict) => refuse_conflict(conflict, bucket, name),
        Ok(held) => {
            let resource = description(bucket, name, &held, shelf);
            found(&json!({"kind": "storage#rewriteResponse", "done": true, "resource": resource}))
        }
    }
}

/// Joins objects, and removes them when asked to; those that a policy holds stop the whole.
fn compose(call: &Call, bucket: &str, name: &str, shelf: &mut Shelf) -> Response<Body> {
    let Ok(wanted) = serde_json::from_slice::<Value>(&call.body) else {
        return refuse(400, "parseError", "Parse Error");
    };
    let sources = wanted["sourceObjects"].as_array();
    let sources: Vec<&str> = sources
        .into_iter()
        .flatten()
        .filter_map(|source| source["name"].as_str())
        .collect();
    let mut joined = Vec::new();
    for source in &sources {
        match shelf.get(source) {
            Ok(held) => joined.extend_from_slice(&held.data),
            Err(conflict) => return refuse_conflict(conflict, bucket, source),
        }
    }
    let removed = wanted["deleteSourceObjects"] == true;
    if removed && shelf.retention.is_some() {
        return gcs_refusal::retained(bucket, sources.first().copied().unwrap_or(name), None);
    }
    let metadata = gcs_upload::metadata(&wanted["destination"]);
    let condition = call.condition();
    match shelf.put(name, joined.into(), metadata, condition) {
        Err(conflict) => refuse_conflict(conflict, bucket, name),
        Ok(held) => {
            for source in sources.iter().filter(|_| removed) {
                shelf.objects.remove(*source);
            }
            found(&description(bucket, name, &held, shelf))
        }
    }
}
