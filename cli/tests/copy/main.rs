//! `copy`, between directories: the destination restores as the source does, and of the source not a byte is another.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod damaged;
mod flags;
mod full_volume;
mod killed;
mod pair;
mod plugin;
mod present;
#[path = "../support/mod.rs"]
mod support;
mod waiting;
mod whole;
