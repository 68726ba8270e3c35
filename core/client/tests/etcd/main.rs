//! The adapter on real etcds, 3.4 to 3.7.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod auth;
mod facts;
mod failover;
mod large;
mod reach;
mod secured;
mod snapshot;
mod watch;
