use fastrand::Rng;
use serde_json::{Value, json};

use crate::etcd::Bytes;

const DIRECTORIES: [&str; 3] = ["a/", "b/", "c/"];
const LEASES: i64 = 8;

fn bytes(bytes: impl AsRef<[u8]>) -> Value {
    json!(Bytes::from(bytes))
}

fn key(rng: &mut Rng) -> String {
    let directory = DIRECTORIES[rng.usize(..DIRECTORIES.len())];
    format!("{directory}{}", rng.u8(0..12))
}

fn value(rng: &mut Rng) -> Vec<u8> {
    let len = match rng.u8(0..20) {
        0 => 0,
        1 => rng.usize(1000..9000),
        // Few, so that comparisons sometimes hold.
        2..8 => return vec![b'v', rng.u8(b'0'..b'4')],
        _ => rng.usize(1..60),
    };
    (0..len).map(|_| rng.u8(..)).collect()
}

fn lease(rng: &mut Rng) -> i64 {
    1 + rng.i64(0..LEASES)
}

/// Key and end: one key, all of a directory, a piece, or everything.
fn keys(rng: &mut Rng) -> (Value, Value) {
    let directory = DIRECTORIES[rng.usize(..DIRECTORIES.len())];
    match rng.u8(0..20) {
        0..14 => (bytes(key(rng)), bytes("")),
        14..15 => (bytes(directory), bytes(directory.replace('/', "0"))),
        15..18 => {
            let (one, two) = (key(rng), key(rng));
            (bytes(one.clone().min(two.clone())), bytes(one.max(two)))
        }
        18 => (bytes(key(rng)), bytes("\0")),
        _ => (bytes("\0"), bytes("\0")),
    }
}

/// `keeps`: one of so many keeps the value that is there, or the lease.
fn put(rng: &mut Rng, keeps: u16) -> Value {
    let mut put = json!({"key": bytes(key(rng))});
    match rng.u16(0..keeps) {
        0 => put["ignore_value"] = json!(true),
        _ => put["value"] = bytes(value(rng)),
    }
    let keeps_lease = rng.u16(0..keeps) == 0;
    match rng.u8(0..10) {
        _ if keeps_lease => put["ignore_lease"] = json!(true),
        1..3 => put["lease"] = json!(lease(rng)),
        _ => {}
    }
    put["prev_kv"] = json!(rng.u8(0..5) == 0);
    put
}

fn delete(rng: &mut Rng) -> Value {
    let (key, end) = keys(rng);
    json!({"key": key, "range_end": end, "prev_kv": rng.u8(0..5) == 0})
}

fn compare(rng: &mut Rng) -> Value {
    let (key, end) = keys(rng);
    let results = ["EQUAL", "GREATER", "LESS", "NOT_EQUAL"];
    let mut compare = json!({"key": key, "range_end": end, "result": results[rng.usize(..4)]});
    let (target, field, operand) = match rng.u8(0..5) {
        0 => ("VERSION", "version", json!(rng.i64(0..4))),
        1 => ("CREATE", "create_revision", json!(rng.i64(0..60))),
        2 => ("MOD", "mod_revision", json!(rng.i64(0..100))),
        3 => ("VALUE", "value", bytes([b'v', rng.u8(b'0'..b'4')])),
        _ => ("LEASE", "lease", json!(rng.i64(0..3))),
    };
    compare["target"] = json!(target);
    compare[field] = operand;
    compare
}

fn txn(rng: &mut Rng, depth: u8) -> Value {
    let ops = |rng: &mut Rng| -> Vec<Value> {
        let count = rng.usize(0..5);
        (0..count)
            .map(|_| match rng.u8(0..20) {
                // A transaction that keeps what it has deleted before is the death of etcd.
                0..9 => json!({"request_put": put(rng, 1000)}),
                9..13 => json!({"request_delete_range": delete(rng)}),
                13..16 if depth < 2 => json!({"request_txn": txn(rng, depth + 1)}),
                _ => {
                    let (key, end) = keys(rng);
                    // One that is not there makes a transaction fail.
                    let revision = if rng.u16(0..500) == 0 { 1_i64 << 40 } else { 0 };
                    json!({"request_range": {"key": key, "range_end": end, "revision": revision}})
                }
            })
            .collect()
    };
    let (success, failure) = (ops(rng), ops(rng));
    let compares = rng.usize(0..3);
    let compare: Vec<Value> = (0..compares).map(|_| compare(rng)).collect();
    json!({"compare": compare, "success": success, "failure": failure})
}

/// Which leases are granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expiry {
    /// Those that outlast the test.
    Never,
    /// Some that end within seconds.
    Soon,
}

/// Whether requests are made on which etcd commits its database at once: all that delete from any
/// bucket but that of the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flushes {
    Some,
    None,
}

/// A random request about keys and leases. `revision` is about where the store stands.
pub(super) fn request(
    rng: &mut Rng,
    expiry: Expiry,
    flushes: Flushes,
    revision: i64,
) -> (&'static str, Value) {
    let most = match flushes {
        Flushes::Some => 100,
        Flushes::None => 93,
    };
    match rng.u8(0..most) {
        0..50 => ("kv/put", put(rng, 10)),
        50..60 => ("kv/deleterange", delete(rng)),
        60..84 => ("kv/txn", txn(rng, 0)),
        84..93 => {
            let ttl = match expiry {
                Expiry::Soon if rng.bool() => 2,
                _ => rng.i64(600..4000),
            };
            ("lease/grant", json!({"ID": lease(rng), "TTL": ttl}))
        }
        93..96 => ("lease/revoke", json!({"ID": lease(rng)})),
        96 => {
            let revision = rng.i64(0..=revision.max(1) + 1);
            let compaction = json!({"revision": revision, "physical": rng.bool()});
            ("kv/compaction", compaction)
        }
        _ => {
            let (key, end) = keys(rng);
            ("kv/range", json!({"key": key, "range_end": end}))
        }
    }
}
