//! Backups that are encrypted here: what is taken decrypts, by whom it should and by nobody else, and nothing of it stands in the clear.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod chain;
mod changed;
mod files;
mod keys;
mod mixed;
mod oracle;
mod page;
mod read;
mod refused;
#[path = "../support/mod.rs"]
mod support;
