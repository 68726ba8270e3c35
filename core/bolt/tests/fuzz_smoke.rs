//! The bodies of the fuzz targets over a fixed number of mutated seeds, on stable Rust.
#![allow(clippy::unwrap_used, reason = "only tests use it")]

#[path = "../fuzz/bodies/mod.rs"]
mod bodies;
mod content;
mod model;

use content::{Content, Items};
use fastrand::Rng;
use model::{Op, name, run, write_bulk};

const MUTATIONS: u64 = 20_000;

/// Small files with each kind of page.
fn seeds() -> Vec<Vec<u8>> {
    let items = |count: u16, len| -> Items {
        (0..count)
            .map(|key| (key.to_be_bytes().repeat(60), vec![key as u8; len]))
            .collect()
    };
    let content = Content::of([
        (name(0), items(9, 100)),
        (name(1), items(1, 20)),
        (name(2), items(2, 1500)),
        (name(3), Items::new()),
    ]);
    let dense = write_bulk(1024, &content);
    let push = Op::Push {
        bucket: 0,
        key_len: 200,
        value_len: 300,
        fill: 1,
    };
    let grown = run(dense.clone(), &vec![push; 8]);
    vec![dense, grown, write_bulk(4096, &content)]
}

fn mutate(file: &mut Vec<u8>, random: &mut Rng) {
    let at = random.usize(..file.len() - 8);
    match random.u8(..8) {
        0..3 => file[at] ^= 1 << random.u8(..8),
        3 => file[at] = random.u8(..),
        4 => {
            let word: Option<u32> = random.choice([0, 1, 2, 3, 0x7fff_ffff, 0xffff, 0xffff_ffff]);
            file[at..at + 4].copy_from_slice(&word.unwrap_or_default().to_le_bytes());
        }
        // The fields of headers and elements lie at multiples of four, and near page starts.
        5 => {
            let at = at / 1024 * 1024 + random.usize(..20) * 4;
            let at = at.min(file.len() - 4);
            file[at] = random.u8(..);
        }
        6 => {
            let (from, to) = (at / 1024 * 1024, random.usize(..file.len() / 1024) * 1024);
            file.copy_within(from..from + 1024, to);
        }
        _ if random.u8(..20) == 0 => file.truncate(at.max(2048)),
        _ => file.swap(at, at + 4),
    }
}

#[test]
fn mutated_files_are_read_without_a_panic() {
    let seeds = seeds();
    for seed in 0..MUTATIONS {
        let mut random = Rng::with_seed(seed);
        let mut file = random.choice(&seeds).unwrap().clone();
        for _ in 0..random.u8(1..6) {
            mutate(&mut file, &mut random);
        }
        bodies::read_any(&file);
    }
}

#[test]
fn random_commits_amount_to_maps() {
    for seed in 0..300 {
        let mut random = Rng::with_seed(seed);
        let len = random.usize(..600);
        let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(len).collect();
        bodies::append_any(&bytes);
    }
}
