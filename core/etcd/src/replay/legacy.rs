//! Requests of etcd 2. etcd 3.4 and 3.5 still write two of them at every start: a member's
//! attributes, and the version of the cluster (server/etcdserver/apply_v2.go).

use prost::Message;
use serde::Deserialize;

use super::kind::{Attributes, Kind, MemberAttributes};

#[derive(Clone, PartialEq, Message)]
pub(super) struct Request {
    #[prost(string, tag = "2")]
    pub(super) method: String,
    #[prost(string, tag = "3")]
    pub(super) path: String,
    #[prost(string, tag = "4")]
    value: String,
}

#[derive(Deserialize, Default)]
struct StoredAttributes {
    #[serde(default)]
    name: String,
    #[serde(rename = "clientURLs", default)]
    client_urls: Option<Vec<String>>,
}

/// What it means for the database of today; `None` when these bytes are no such request.
pub(super) fn decode<'a>(bytes: &[u8]) -> Option<Kind<'a>> {
    let request = Request::decode(bytes).ok()?;
    match request.method.as_str() {
        "PUT" => put(&request),
        "POST" | "DELETE" | "QGET" | "SYNC" => Some(Kind::Nothing),
        _ => None,
    }
}

fn put<'a>(request: &Request) -> Option<Kind<'a>> {
    if request.path == "/0/version" {
        return Some(Kind::ClusterVersion(request.value.clone()));
    }
    let id = request
        .path
        .strip_prefix("/0/members/")
        .and_then(|rest| rest.strip_suffix("/attributes"));
    let Some(id) = id else {
        // Keys of etcd 2, which live in the store of etcd 2.
        return Some(Kind::Nothing);
    };
    let stored: StoredAttributes = serde_json::from_str(&request.value).ok()?;
    Some(Kind::MemberAttributes(MemberAttributes {
        member: u64::from_str_radix(id, 16).ok()?,
        attributes: Some(Attributes {
            name: stored.name,
            client_urls: stored.client_urls.unwrap_or_default(),
        }),
    }))
}
