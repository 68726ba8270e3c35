//! Requests of etcd 2. etcd 3.4 and 3.5 still write two of them at every start: a member's
//! attributes, and the version of the cluster (server/etcdserver/apply_v2.go).

use prost::Message;
use serde::Deserialize;

use super::request::{Attributes, Kind, MemberAttributes};

#[derive(Clone, PartialEq, Message)]
struct Request {
    #[prost(string, tag = "2")]
    method: String,
    #[prost(string, tag = "3")]
    path: String,
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

/// What an entry asks for in the store of etcd 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum V2Request {
    /// Nothing: it is a request of today.
    None,
    /// It is etcd's own, about a member.
    Own,
    /// It is etcd's own, and sets the version of the cluster there.
    OwnClusterVersion(String),
    /// It is a request of today that sets the version of the cluster.
    ClusterVersion(String),
    /// It is a client's, or cares for a client's keys: the key that it writes, if it writes one. etcd from
    /// 3.6 on panics at it (server/etcdserver/apply_v2.go, `v2ToV3Request`).
    Keys(Option<String>),
}

/// What the data of an entry asks for in the store of etcd 2, or in a request of today that takes its place.
pub(crate) fn v2_request(data: &[u8]) -> V2Request {
    if let Ok(request) = super::request::Request::decode_internal(data) {
        return match request.kind {
            Kind::ClusterVersion(version) => V2Request::ClusterVersion(version),
            _ => V2Request::None,
        };
    }
    match (decode(data), Request::decode(data)) {
        (Some(Kind::Nothing), Ok(request)) => {
            let key = request
                .path
                .strip_prefix("/1")
                .filter(|key| key.starts_with('/'));
            let writes = matches!(request.method.as_str(), "PUT" | "POST");
            V2Request::Keys(key.filter(|_| writes).map(str::to_owned))
        }
        (Some(Kind::ClusterVersion(version)), _) => V2Request::OwnClusterVersion(version),
        (Some(_), _) => V2Request::Own,
        (None, _) => V2Request::None,
    }
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
