//! What an etcd must be able to read at its start: it dies of a record that it cannot, long after its
//! database was found to be sound. (3.5: `mvcc/kvstore.go`, `lease/lessor.go` initAndRecover,
//! `api/v3alarm/alarms.go` restore, `auth/store.go` NewAuthStore, `api/membership/cluster.go` Recover,
//! `cindex/cindex.go`; each panics or gives up.)

use prost::Message;
use serde::de::IgnoredAny;

use crate::Malformed;
use crate::authpb::{Role, User};
use crate::lease::Lease;
use crate::membership::StoredMember;
use crate::mvcc::KeyValue;
use crate::revision::{Entry, Revision};
use crate::schema::{auth, bucket, cluster, meta};
use crate::store_state::AlarmMember;

/// Whether the item `key` of `bucket` can be read, and says what its key says. Buckets and keys that
/// no etcd up to 3.7 writes are fine: it passes over them.
pub fn check(bucket: &[u8], key: &[u8], value: &[u8]) -> Result<(), Malformed> {
    match bucket {
        bucket::KEY => {
            Entry::parse(key)?;
            KeyValue::decode(value).map(drop)
        }
        bucket::META => in_meta(key, value),
        bucket::LEASE => Lease::parse(key, value).map(drop),
        bucket::ALARM => message::<AlarmMember>("alarm", key).map(drop),
        bucket::AUTH => in_auth(key, value),
        bucket::AUTH_USERS => named("user", key, &message::<User>("user", value)?.name),
        bucket::AUTH_ROLES => named("role", key, &message::<Role>("role", value)?.name),
        bucket::MEMBERS => StoredMember::parse(key, value).map(drop),
        bucket::MEMBERS_REMOVED => hex(key),
        bucket::CLUSTER => match key {
            cluster::VERSION => version(value),
            cluster::DOWNGRADE => json("downgrade", value),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn in_meta(key: &[u8], value: &[u8]) -> Result<(), Malformed> {
    match key {
        meta::CONSISTENT_INDEX | meta::TERM => number(value),
        meta::CONF_STATE => json("members at the last entry", value),
        meta::SCHEDULED_COMPACTION | meta::FINISHED_COMPACTION => Revision::parse(value).map(drop),
        meta::STORAGE_VERSION => version(value),
        _ => Ok(()),
    }
}

fn in_auth(key: &[u8], value: &[u8]) -> Result<(), Malformed> {
    match (key, value) {
        (auth::ENABLED, [0 | 1]) => Ok(()),
        (auth::ENABLED, _) => Err(malformed("switch", "is neither on nor off")),
        (auth::REVISION, _) => number(value),
        _ => Ok(()),
    }
}

fn malformed(what: &'static str, why: &'static str) -> Malformed {
    Malformed {
        what,
        why,
        offset: 0,
    }
}

fn message<M: Message + Default>(what: &'static str, bytes: &[u8]) -> Result<M, Malformed> {
    M::decode(bytes).map_err(|_| malformed(what, "is not its message"))
}

fn named(what: &'static str, key: &[u8], name: &[u8]) -> Result<(), Malformed> {
    match key == name {
        true => Ok(()),
        false => Err(malformed(what, "has another name than its key")),
    }
}

fn hex(key: &[u8]) -> Result<(), Malformed> {
    let id = std::str::from_utf8(key).ok();
    let id = id.and_then(|id| u64::from_str_radix(id, 16).ok());
    id.map(drop)
        .ok_or(malformed("removed member", "is no id in hex"))
}

fn number(value: &[u8]) -> Result<(), Malformed> {
    match value.len() {
        8 => Ok(()),
        _ => Err(malformed("number", "is not 8 bytes long")),
    }
}

fn json(what: &'static str, value: &[u8]) -> Result<(), Malformed> {
    let read: Result<IgnoredAny, _> = serde_json::from_slice(value);
    read.map(drop).map_err(|error| Malformed {
        offset: error.column(),
        ..malformed(what, "is not its JSON")
    })
}

/// Three numbers, and what may follow them (semver.org).
fn version(value: &[u8]) -> Result<(), Malformed> {
    let numbers = |text: &str| {
        let core = text.split(['-', '+']).next().unwrap_or_default();
        let parts: Vec<_> = core.split('.').map(str::parse::<u32>).collect();
        parts.len() == 3 && parts.iter().all(Result::is_ok)
    };
    match std::str::from_utf8(value) {
        Ok(text) if numbers(text) => Ok(()),
        _ => Err(malformed("version", "is not three numbers")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A string to etcd, but any bytes are taken (`etcdctl role add $'r\xff'`): the database of a
    /// healthy member was called damaged, and every later backup of it.
    #[test]
    fn a_role_may_have_any_name() {
        let user = User {
            name: b"somebody".to_vec(),
            roles: vec![b"r\xff".to_vec()],
            ..User::default()
        };
        let checked = check(bucket::AUTH_USERS, b"somebody", &user.encode_to_vec());
        assert_eq!(checked, Ok(()));
    }

    /// Each is one byte away from what an etcd wrote, and an etcd did not start on it.
    #[test]
    fn what_etcd_cannot_read_is_malformed() {
        let lease = Lease {
            id: 7,
            ttl: 60,
            remaining_ttl: 0,
        };
        let member = br#"{"id":1,"peerURLs":["http://a:1"],"name":"a"}"#;
        let user = User {
            name: b"root".to_vec(),
            ..User::default()
        };
        let records: [(&[u8], &[u8], Vec<u8>); 9] = [
            (bucket::LEASE, &lease.key(), lease.to_bytes()),
            (bucket::MEMBERS, b"1", member.to_vec()),
            (
                bucket::MEMBERS_REMOVED,
                b"8e9e05c52164694d",
                b"removed".to_vec(),
            ),
            (bucket::AUTH_USERS, b"root", user.encode_to_vec()),
            (bucket::AUTH, auth::ENABLED, vec![1]),
            (bucket::CLUSTER, cluster::VERSION, b"3.5.0".to_vec()),
            (
                bucket::META,
                meta::CONF_STATE,
                br#"{"voters":[1]}"#.to_vec(),
            ),
            (bucket::META, meta::STORAGE_VERSION, b"3.6.0-rc.1".to_vec()),
            (bucket::META, meta::CONSISTENT_INDEX, vec![0; 8]),
        ];
        for (bucket, key, value) in records {
            let told = bucket.escape_ascii().to_string();
            assert_eq!(check(bucket, key, &value), Ok(()), "{told}");
            let mut spoilt = (key.to_vec(), value.clone());
            match bucket {
                bucket::MEMBERS_REMOVED => spoilt.0[0] = b'x',
                _ => spoilt.1[0] ^= 0x47,
            }
            if key == meta::CONSISTENT_INDEX {
                spoilt.1.pop();
            }
            assert!(check(bucket, &spoilt.0, &spoilt.1).is_err(), "{told}");
        }
        assert!(check(bucket::CLUSTER, cluster::VERSION, b"3.5").is_err());
        assert_eq!(check(b"of a later etcd", b"", b""), Ok(()));
    }
}
