//! `compact`, on stores that are made for it: one full that restores as the chain did, or nothing.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod flags;
mod full;
mod killed;
mod levels;
mod lineages;
mod refusals;
mod run;
#[path = "../support/mod.rs"]
mod support;
