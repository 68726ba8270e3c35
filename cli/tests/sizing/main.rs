//! docs/sizing.md: what backups ask of a store and put into it, by setting. Planned by the rules of retention and of schedules, and
//! compared with what a snapshotter asks of a real store.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod counted;
mod day;
mod page;
mod requests;
mod settings;
mod steps;
