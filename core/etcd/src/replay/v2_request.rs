use prost::Message;

use super::kind::Kind;
use super::{legacy, request};

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
    if let Ok(request) = request::Request::decode_internal(data) {
        return match request.kind {
            Kind::ClusterVersion(version) => V2Request::ClusterVersion(version),
            _ => V2Request::None,
        };
    }
    match (legacy::decode(data), legacy::Request::decode(data)) {
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
