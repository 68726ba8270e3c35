//! `snapshot`, as operators run it, on real etcds: what it says is stored restores, to the hash that etcd had.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
#![expect(
    clippy::disallowed_methods,
    reason = "what is tested is a process with a time of its own"
)]

mod beside;
mod chain_gone;
mod collected;
mod compacted;
mod defragmented;
mod flapping;
mod killed;
mod kubernetes;
mod lineages;
mod proof;
mod reference;
mod secured;
mod single;
mod snapshotter;
mod store_full;
mod store_killed;
#[path = "../support/mod.rs"]
mod support;
mod troubled;
mod two;
mod watched;
mod zstd;
