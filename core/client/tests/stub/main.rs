//! What no real etcd can be made to say, on a stub of its gRPC surface. It says what a test has written down
//! and understands nothing.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod answers;
mod messages;
mod others;
mod server;
mod silence;
mod snapshots;
mod tokens;
mod watches;
