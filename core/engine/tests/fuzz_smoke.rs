//! The bodies of the fuzz targets over a fixed number of mutated seeds, on stable Rust.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop"
)]

#[path = "../fuzz/bodies.rs"]
mod bodies;

use std::fs;
use std::io::Read;
use std::path::Path;

use engine::backups::{Compression, Decoder, SnapshotName};
use engine::encryption::{ChainKey, Sealer};
use fastrand::Rng;
use testkit::backup::{self, compress, with_hash};

const MUTATIONS: u64 = 20_000;

/// Pieces of the language that numbers, strings and structure are made of.
const WORDS: [&str; 14] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    "-1",
    "9223372036854775807",
    "99999999999999999999999",
    "1e400",
    "null",
    "\"type\":1,",
    "\u{0}",
];

/// Objects of the reference, as they stand in a store, with their names.
fn objects() -> Vec<(SnapshotName, Vec<u8>)> {
    let backups = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/backups");
    let dirs = ["e35-gzip/v2", "e34-lzw/v2"].map(|dir| fs::read_dir(backups.join(dir)).unwrap());
    let mut paths: Vec<_> = dirs
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let named = |path: &Path| {
        let name = SnapshotName::parse(path.file_name().unwrap().to_str().unwrap());
        (name.unwrap(), fs::read(path).unwrap())
    };
    paths.iter().map(|path| named(path)).collect()
}

/// The first events of each delta, with a name and a hash that are right.
fn deltas() -> Vec<(SnapshotName, Vec<u8>)> {
    let mut seeds = Vec::new();
    for (name, object) in objects() {
        if name.first == 0 {
            continue;
        }
        let mut content = Vec::new();
        let mut decoder = Decoder::new(name.encoding.plain().unwrap(), &object[..]);
        decoder.read_to_end(&mut content).unwrap();
        content.truncate(content.len() - 32);
        let events: Vec<serde_json::Value> = serde_json::from_slice(&content).unwrap();
        let revision = |event: &serde_json::Value| {
            let kv = &event["etcdEvent"]["kv"];
            kv["mod_revision"].as_i64().unwrap()
        };
        let last = name.first + 3;
        let end = events.iter().position(|event| revision(event) > last);
        // The bytes themselves, up to the `},{` before the first event that is too many.
        let text = String::from_utf8(content).unwrap();
        let starts: Vec<_> = text.match_indices("{\"etcdEvent\"").collect();
        let cut = &text[..starts[end.unwrap()].0 - 1];
        if cut.len() < 10_000 {
            seeds.push((bodies::named(name.first, last), format!("{cut}]").into()));
        }
    }
    assert!(seeds.len() > 8, "{}", seeds.len());
    seeds
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Rng) {
    let at = random.usize(..bytes.len().max(1)).min(bytes.len());
    let to = (at + random.usize(..40)).min(bytes.len());
    match random.u8(..8) {
        0..3 if at < bytes.len() => bytes[at] ^= 1 << random.u8(..8),
        3 if at < bytes.len() => bytes[at] = random.u8(..),
        4 => drop(bytes.drain(at..to)),
        5 => {
            let word = random.choice(WORDS).unwrap();
            bytes.splice(at..to, word.bytes());
        }
        6 => {
            let again = bytes[at..to].to_vec();
            let behind = random.usize(..=bytes.len());
            bytes.splice(behind..behind, again);
        }
        _ if random.u8(..20) == 0 => bytes.truncate(at),
        _ => {}
    }
}

fn mutated(seed: &[u8], random: &mut Rng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..random.u8(..5) {
        mutate(&mut bytes, random);
    }
    bytes
}

#[test]
fn mutated_deltas_are_read_without_a_panic() {
    let seeds = deltas();
    for seed in 0..MUTATIONS {
        let mut random = Rng::with_seed(seed);
        let (name, content) = random.choice(&seeds).unwrap();
        let mut content = mutated(content, &mut random);
        if random.bool() {
            content = with_hash(content);
        }
        bodies::delta(name, &content);
    }
    bounded();
}

#[test]
fn mutated_objects_are_unpacked_without_a_panic() {
    let contents = deltas().into_iter().map(|(_, content)| content);
    let contents: Vec<_> = contents.collect();
    let mut seeds: Vec<Vec<u8>> = backup::Compression::ALL
        .iter()
        .flat_map(|compression| contents.iter().map(|c| compress(*compression, c)))
        .collect();
    seeds.extend(
        objects()
            .into_iter()
            .map(|(_, bytes)| bytes[..2000].to_vec()),
    );
    for seed in 0..MUTATIONS / 4 {
        let mut random = Rng::with_seed(seed);
        let bytes = mutated(random.choice(&seeds).unwrap(), &mut random);
        bodies::decoder(&bytes);
    }
    bounded();
}

/// A megabyte of zeros after a kilobyte, many times over.
#[test]
fn bombs_are_unpacked_piece_by_piece() {
    let zeros = vec![0; 64 << 20];
    let bombs = [
        (Compression::Gzip, backup::Compression::Gzip),
        (Compression::Zstd, backup::Compression::Zstd),
    ];
    let bombs = bombs.map(|(compression, theirs)| (compression, compress(theirs, &zeros)));
    drop(zeros);
    for (compression, bomb) in bombs {
        is_unpacked_piece_by_piece(compression, &bomb);
    }
}

fn is_unpacked_piece_by_piece(compression: Compression, bomb: &[u8]) {
    let name = SnapshotName {
        encoding: compression.into(),
        ..bodies::named(2, 3)
    };
    let mut reader = engine::backups::delta::DeltaReader::new(
        &name,
        Decoder::new(compression, bomb),
        engine::backups::delta::ReadOptions {
            hash: Default::default(),
            leases: Default::default(),
            seed: 1,
            times: Default::default(),
        },
    );
    assert!(reader.next_batch(&mut Default::default()).is_err());
    bodies::decoder(bomb);
}

#[test]
fn mutated_headers_are_read_without_a_panic() {
    let key = ChainKey::generate();
    let seeds = [&b""[..], b"[]", &[7; 300]]
        .map(|content| Sealer::sealed(&key, "Incr-00000011-00000020-1700000000", content).unwrap());
    for seed in 0..MUTATIONS / 4 {
        let mut random = Rng::with_seed(seed);
        let bytes = mutated(random.choice(&seeds).unwrap(), &mut random);
        bodies::encrypted(&bytes);
    }
    bounded();
}

#[test]
fn mutated_names_are_parsed_without_a_panic() {
    let names: Vec<_> = objects().iter().map(|(name, _)| name.to_string()).collect();
    for seed in 0..MUTATIONS {
        let mut random = Rng::with_seed(seed);
        let name = random.choice(&names).unwrap();
        bodies::name(&mutated(name.as_bytes(), &mut random));
    }
}

/// However hostile, a few kilobytes never cost the memory of a whole restore.
fn bounded() {
    let Ok(status) = fs::read_to_string("/proc/self/status") else {
        return;
    };
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: u64 = peak
        .and_then(|peak| peak.trim().strip_suffix(" kB"))
        .and_then(|kib| kib.trim().parse().ok())
        .unwrap();
    assert!(kib < 256 << 10, "{kib} KiB");
}
