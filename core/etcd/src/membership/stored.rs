use serde::{Deserialize, Serialize};

use super::{Member, MemberId, PeerUrl};
use crate::{Malformed, go_json};

/// A member as the `members` bucket and a conf change hold it: JSON with the fields in this
/// order, those marked optional left out when empty
/// (server/etcdserver/api/membership/member.go).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMember {
    /// The member's id.
    pub id: MemberId,
    /// Where other members reach it. Go writes null for none.
    #[serde(rename = "peerURLs")]
    pub peer_urls: Option<Vec<String>>,
    /// Whether it has no vote yet.
    #[serde(
        rename = "isLearner",
        default,
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub is_learner: bool,
    /// Its name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where clients reach it; known once it has started.
    #[serde(rename = "clientURLs", default, skip_serializing_if = "Vec::is_empty")]
    pub client_urls: Vec<String>,
}

impl StoredMember {
    /// The key in the `members` bucket: the id in hex, without padding.
    pub fn key(&self) -> Vec<u8> {
        self.id.to_string().into_bytes()
    }

    /// The JSON, byte for byte as etcd writes it.
    pub fn to_json(&self) -> String {
        go_json::to_string(self)
    }

    /// Parses an entry of the `members` bucket; the key must say the same id.
    pub fn parse(key: &[u8], json: &[u8]) -> Result<Self, Malformed> {
        let malformed = |why, offset| Malformed {
            what: "member",
            why,
            offset,
        };
        let member: Self = serde_json::from_slice(json)
            .map_err(|error| malformed("is not the JSON of a member", error.column()))?;
        if member.key() != key {
            return Err(malformed("has another id than its key", 0));
        }
        Ok(member)
    }
}

impl From<&Member> for StoredMember {
    fn from(member: &Member) -> Self {
        let urls = member.peer_urls.iter().map(PeerUrl::to_string).collect();
        Self {
            id: member.id,
            peer_urls: Some(urls),
            is_learner: false,
            name: member.name.clone(),
            client_urls: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes from the databases of etcd 3.4.23 and etcdutl 3.5.1.
    #[test]
    fn json_comes_back_byte_for_byte() {
        for (key, json) in [
            (
                "dd17d2020e2fc5bf",
                r#"{"id":15931433113116198335,"peerURLs":["http://127.0.0.1:32279"],"name":"default","clientURLs":["http://127.0.0.1:32278"]}"#,
            ),
            (
                "58a88bf978398f80",
                r#"{"id":6388509975005204352,"peerURLs":["http://127.0.0.1:1"],"name":"a\u003c\u0026\u003e\"é"}"#,
            ),
            ("1", r#"{"id":1,"peerURLs":null,"isLearner":true}"#),
        ] {
            let member = StoredMember::parse(key.as_bytes(), json.as_bytes()).unwrap();
            assert_eq!(member.to_json(), json);
        }
    }

    #[test]
    fn the_key_must_be_the_id_without_padding() {
        let json = br#"{"id":2748,"peerURLs":[]}"#;
        assert!(StoredMember::parse(b"abc", json).is_ok());
        assert!(StoredMember::parse(b"0abc", json).is_err());
        assert!(StoredMember::parse(b"abc", b"{").is_err());
    }
}
