//! The fuzz bodies over seeded mutations of golden files, on the stable toolchain: nothing
//! panics, loops or disagrees with itself, whatever the bytes.

#[path = "../fuzz/bodies.rs"]
mod bodies;
mod golden;

use etcd::wal::{Files, Log, SegmentName};
use fastrand::Rng;

const MUTATIONS: usize = 20_000;

/// Calls `body` with mutants of the seeds.
fn mutate(seeds: &[Vec<u8>], body: fn(&[u8])) {
    let mut rng = Rng::with_seed(0x65_7463_6462);
    for _ in 0..MUTATIONS {
        let mut mutant = seeds[rng.usize(..seeds.len())].clone();
        for _ in 0..rng.usize(1..6) {
            change(&mut mutant, &mut rng);
        }
        body(&mutant);
    }
}

fn change(bytes: &mut Vec<u8>, rng: &mut Rng) {
    if bytes.is_empty() {
        return bytes.push(rng.u8(..));
    }
    let at = rng.usize(..bytes.len());
    let end = (at + rng.usize(1..64)).min(bytes.len());
    match rng.u8(..6) {
        0 => bytes[at] ^= 1 << rng.u8(..8),
        1 => bytes[at] = *[0, 1, 0x7f, 0x80, 0xff].get(rng.usize(..5)).unwrap_or(&0),
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(at..end)),
        4 => bytes[at..end].fill(if rng.bool() { 0 } else { 0xff }),
        _ => {
            let part = bytes[at..end].to_vec();
            let to = rng.usize(..bytes.len());
            bytes.splice(to..to, part);
        }
    }
}

#[test]
fn logs() {
    let seeds = [
        golden::bytes("restore/one.wal"),
        golden::bytes("restore/three-m1.wal"),
        golden::bytes("wal/small/0000000000000000-0000000000000000.wal"),
    ];
    mutate(&seeds, bodies::wal);
}

/// What entries of real logs ask for, each after its length.
#[test]
fn requests() {
    let mut seeds = Vec::new();
    for name in ["users", "compacted"] {
        let bytes = golden::gunzip(&format!("replay/{name}/wal.gz"));
        let files = Files::new([(SegmentName::default(), bytes)]);
        let log = Log::read(files).unwrap();
        let mut seed = Vec::new();
        for index in 2..=log.last_index() {
            let data = log.entry(index).unwrap().unwrap().data.unwrap_or_default();
            if data.len() < 300 {
                seed.extend((data.len() as u16).to_le_bytes());
                seed.extend(data);
            }
            // Short ones, so that a change breaks little.
            if index % 16 == 0 {
                seeds.push(std::mem::take(&mut seed));
            }
        }
    }
    mutate(&seeds, bodies::requests);
}

#[test]
fn raft_snapshots() {
    let live = golden::bytes("wal/small/0000000000000002-0000000000000006.snap");
    mutate(
        &[golden::bytes("restore/three-m1.snap"), live],
        bodies::raft_snapshot,
    );
}

#[test]
fn keys_and_values() {
    let db = bolt::Db::open(golden::gunzip("full/e34.db.gz")).unwrap();
    let mut seeds = Vec::new();
    for name in ["key", "lease", "members"] {
        let bucket = db.bucket(name.as_bytes()).unwrap().unwrap();
        let mut cursor = bucket.cursor();
        for _ in 0..100 {
            let Some((key, value)) = cursor.next().unwrap() else {
                break;
            };
            seeds.extend([key.to_vec(), value.to_vec(), [key, value].concat()]);
        }
    }
    seeds.push(b"m1=http://10.0.0.1:2380,m2=https://[::1]:2380".to_vec());
    mutate(&seeds, bodies::values);
}
