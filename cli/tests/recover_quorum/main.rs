//! Clusters of three real members that lose their quorum for good.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod asked;
mod backups;
mod killed;
mod lost;
mod members;
#[path = "../support/mod.rs"]
mod support;
mod whole;
