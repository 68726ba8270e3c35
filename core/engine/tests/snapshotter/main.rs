//! A snapshotter around a scripted etcd and a store that fails when it is told to, on a clock that the test moves.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod asked;
mod chain;
mod clock;
mod etcd;
mod given_up;
mod idle;
mod noted;
mod rights;
mod store;
mod switch;
mod turn;
mod world;
