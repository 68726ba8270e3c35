use std::collections::{BTreeMap, BTreeSet};
use std::sync::RwLock;

use bolt::BulkWriter;
use etcd::lease::Lease;
use etcd::mvcc::{KeyValue, encode_tombstone};
use etcd::revision::{Entry, Kind, Revision};
use etcd::schema::meta;

use super::event::Event;

/// Seconds that leases of a full were granted for.
const TTL: i64 = 600;

/// A member's database that holds these events.
pub fn database(events: &[Event]) -> Vec<u8> {
    let file = RwLock::new(Vec::new());
    let mut writer = BulkWriter::create(&file, 4096).unwrap();
    for (name, items) in buckets(events) {
        writer.bucket(name).unwrap();
        for (key, value) in items {
            writer.push(&key, &value).unwrap();
        }
    }
    writer.finish().unwrap();
    file.into_inner().unwrap()
}

type Items = BTreeMap<Vec<u8>, Vec<u8>>;

/// Those of etcd 3.5, in order, with what a member that lived would have in them.
fn buckets(events: &[Event]) -> BTreeMap<&'static [u8], Items> {
    let empty: [&[u8]; 6] = [
        b"alarm",
        b"auth",
        b"authRoles",
        b"authUsers",
        b"cluster",
        b"members_removed",
    ];
    let mut buckets: BTreeMap<&[u8], Items> = empty.map(|name| (name, Items::new())).into();
    buckets.insert(b"key", keys(events));
    buckets.insert(b"lease", leases(events));
    let member = r#"{"id":9372538179322589801,"peerURLs":["http://old:2380"],"name":"old"}"#;
    let members = [(b"8211f1d0f64f3269".to_vec(), member.into())];
    buckets.insert(b"members", members.into());
    let applied = (events.len() as u64 + 40).to_be_bytes().to_vec();
    let marks = [
        (meta::CONSISTENT_INDEX.to_vec(), applied),
        (meta::TERM.to_vec(), 4_u64.to_be_bytes().to_vec()),
    ];
    buckets.insert(b"meta", marks.into());
    buckets
}

fn keys(events: &[Event]) -> Items {
    let mut items = Items::new();
    let mut last = Revision::new(0, 0);
    for event in events {
        let sub = if event.revision == last.main {
            last.sub + 1
        } else {
            0
        };
        last = Revision::new(event.revision, sub);
        let (mut encoded, kind) = (Vec::new(), kind(event));
        match &event.value {
            None => encode_tombstone(&event.key, &mut encoded),
            Some(value) => KeyValue {
                key: &event.key,
                create_revision: event.create_revision,
                mod_revision: event.revision,
                version: event.version,
                value,
                lease: event.lease,
            }
            .encode_put(&mut encoded),
        }
        let entry = Entry {
            revision: last,
            kind,
        };
        items.insert(entry.to_bytes().to_vec(), encoded);
    }
    items
}

fn kind(event: &Event) -> Kind {
    match event.value {
        None => Kind::Tombstone,
        Some(_) => Kind::Put,
    }
}

fn leases(events: &[Event]) -> Items {
    let named: BTreeSet<i64> = events.iter().map(|event| event.lease).collect();
    let granted = named.into_iter().filter(|lease| *lease != 0);
    granted
        .map(|id| Lease {
            id,
            ttl: TTL,
            remaining_ttl: 0,
        })
        .map(|lease| (lease.key().to_vec(), lease.to_bytes()))
        .collect()
}
