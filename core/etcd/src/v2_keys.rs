//! Keys of the v2 API, which etcd up to 3.5 keeps in a tree beside its database: in the `.snap` files, and
//! as requests in the log. No snapshot of `etcdctl snapshot save` holds them, and no delta.
//!
//! Sources: server/etcdserver/api/v2store (store.go, node.go) and api/membership/storev2.go,
//! `IsMetaStoreOnly`, of 3.6.

use std::collections::{BTreeMap, BTreeSet};

use bolt::ReadAt;
use serde::Deserialize;

use crate::replay::{V2Request, v2_request};
use crate::wal::Log;
use crate::{Error, Malformed};

/// The tree of keys that clients see, below the root of the store.
const KEYS: &str = "1";
/// Members and the version of the cluster.
const CLUSTER: &str = "0";
/// Users of the v2 API.
const USERS: &str = "2";

/// What a member holds of the v2 API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct V2Keys {
    /// The paths of all keys, as a client names them.
    pub keys: BTreeSet<String>,
    /// Whether there is anything that etcd 3.6 does not start with: keys, empty directories, users.
    pub is_custom: bool,
    /// The version of the cluster, which etcd up to 3.5 takes from here.
    pub cluster_version: Option<String>,
    /// The one that a later request of today sets, which etcd 3.4 does not understand and passes over.
    pub newer_cluster_version: Option<String>,
    /// The first entry of the log with a client's request of the v2 API, at which etcd from 3.6 on panics.
    pub first_request: Option<u64>,
    /// The first entry of the log with any request of etcd 2, such as etcd up to 3.5 writes itself at each
    /// start. etcd 3.7 knows none of them.
    pub first_of_etcd_2: Option<u64>,
}

#[derive(Deserialize)]
struct Store {
    #[serde(rename = "Root")]
    root: Node,
}

#[derive(Deserialize)]
struct Node {
    #[serde(rename = "Value", default)]
    value: String,
    /// None for a file.
    #[serde(rename = "Children", default)]
    children: Option<BTreeMap<String, Node>>,
}

impl V2Keys {
    /// Those in the data of a raft snapshot. An empty one holds none.
    pub fn in_snapshot(data: &[u8]) -> Result<Self, Malformed> {
        if data.is_empty() {
            return Ok(Self::default());
        }
        let store: Store = serde_json::from_slice(data).map_err(|error| Malformed {
            what: "v2 store",
            why: "is not its JSON",
            offset: error.column(),
        })?;
        let top = store.root.children.unwrap_or_default();
        let mut found = Self::default();
        for (name, node) in &top {
            found.is_custom |= match name.as_str() {
                CLUSTER => false,
                // Empty, they are there since etcd 2.
                USERS => node.nodes().any(|(_, kind)| kind.nodes().next().is_some()),
                _ => node.nodes().next().is_some(),
            };
        }
        if let Some(keys) = top.get(KEYS) {
            keys.files("", &mut found.keys);
        }
        let version = top
            .get(CLUSTER)
            .and_then(|cluster| cluster.child("version"));
        found.cluster_version = version.map(|file| file.value.clone());
        Ok(found)
    }

    /// Adds what the entries of `log` ask for, from its start on. A key that they delete is counted all the
    /// same.
    pub fn add_log<R: ReadAt>(&mut self, log: &Log<R>) -> Result<(), Error> {
        for index in log.start().index.saturating_add(1)..=log.last_index() {
            let data = log.entry(index)?.and_then(|entry| entry.data);
            let request = data.as_deref().map_or(V2Request::None, v2_request);
            if !matches!(request, V2Request::None | V2Request::ClusterVersion(_)) {
                self.first_of_etcd_2.get_or_insert(index);
            }
            match request {
                V2Request::Keys(path) => {
                    self.first_request.get_or_insert(index);
                    self.keys.extend(path);
                }
                V2Request::OwnClusterVersion(version) => {
                    (self.cluster_version, self.newer_cluster_version) = (Some(version), None);
                }
                V2Request::ClusterVersion(version) => self.newer_cluster_version = Some(version),
                V2Request::None | V2Request::Own => {}
            }
        }
        Ok(())
    }
}

impl Node {
    fn nodes(&self) -> impl Iterator<Item = (&String, &Node)> {
        self.children.iter().flatten()
    }

    fn child(&self, name: &str) -> Option<&Node> {
        self.children.as_ref()?.get(name)
    }

    fn files(&self, path: &str, found: &mut BTreeSet<String>) {
        for (name, node) in self.nodes() {
            let path = format!("{path}/{name}");
            match node.children {
                None => drop(found.insert(path)),
                Some(_) => node.files(&path, found),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(top: &str) -> V2Keys {
        let json = format!(r#"{{"Root":{{"Path":"/","Value":"","Children":{{{top}}}}}}}"#);
        V2Keys::in_snapshot(json.as_bytes()).unwrap()
    }

    const OWN: &str = r#""0":{"Value":"","Children":{"version":{"Value":"3.5.0","Children":null},
        "members":{"Value":"","Children":{"1f":{"Value":"","Children":{}}}}}}"#;

    #[test]
    fn what_etcd_itself_keeps_is_no_key() {
        let own = found(&format!(r#"{OWN},"1":{{"Value":"","Children":{{}}}}"#));
        assert!(own.keys.is_empty() && !own.is_custom);
        assert_eq!(own.cluster_version.as_deref(), Some("3.5.0"));
        let users = r#""2":{"Value":"","Children":{"users":{"Value":"","Children":{}}}}"#;
        assert!(!found(users).is_custom);
        assert!(
            found(&users.replace(r#""Children":{}"#, r#""Children":{"a":{"Children":null}}"#))
                .is_custom
        );
        assert_eq!(V2Keys::in_snapshot(b"").unwrap(), V2Keys::default());
        assert!(V2Keys::in_snapshot(b"[]").is_err());
    }

    #[test]
    fn keys_are_named_as_clients_name_them() {
        let keys = r#""1":{"Value":"","Children":{"old":{"Value":"1","Children":null},
            "dir":{"Value":"","Children":{"a":{"Value":"","Children":null},"b":{"Children":{}}}}}}"#;
        let found = found(keys);
        assert!(found.is_custom);
        assert_eq!(Vec::from_iter(&found.keys), ["/dir/a", "/old"]);
    }
}
