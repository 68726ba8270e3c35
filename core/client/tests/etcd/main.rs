//! The adapter on real etcds, 3.4 to 3.7.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on should stop"
)]

mod auth;
mod facts;
mod failover;
mod keys;
mod large;
mod reach;
mod secured;
mod snapshot;
mod watch;
