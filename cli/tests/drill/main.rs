//! `drill`, on backups of etcds that run, with etcds that are started on them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod differs;
mod fails;
mod passes;
mod run;
mod stopped;
#[path = "../support/mod.rs"]
mod support;
