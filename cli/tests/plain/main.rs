//! Plain snapshot files: out of a store and into one, as etcd's own tools, k3s and others write and read them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod archives;
mod export;
mod export_refusals;
mod import;
mod import_refusals;
mod run;
#[path = "../support/mod.rs"]
mod support;
