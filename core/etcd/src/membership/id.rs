//! Ids are the first 8 bytes of a SHA-1, big-endian.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use super::peer_url::PeerUrl;

/// Identifies a member for ever. Shown in hex without padding, as etcd does everywhere.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct MemberId(pub u64);

/// Identifies a cluster; members of different clusters refuse each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ClusterId(pub u64);

impl MemberId {
    /// The id of the member with these URLs, already sorted, in the cluster of this token.
    pub(super) fn compute(sorted_urls: &[PeerUrl], token: &str) -> Self {
        let mut sha1 = Sha1::new();
        for url in sorted_urls {
            sha1.update(url.as_str());
        }
        sha1.update(token);
        Self(first_eight(sha1))
    }
}

impl ClusterId {
    /// The id of the cluster with these members, in ascending order.
    pub(super) fn compute(ascending: impl Iterator<Item = MemberId>) -> Self {
        let mut sha1 = Sha1::new();
        for id in ascending {
            sha1.update(id.0.to_be_bytes());
        }
        Self(first_eight(sha1))
    }
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

impl fmt::Display for ClusterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

fn first_eight(sha1: Sha1) -> u64 {
    let digest: [u8; 20] = sha1.finalize().into();
    digest
        .iter()
        .take(8)
        .fold(0, |id, byte| id << 8 | u64::from(*byte))
}
