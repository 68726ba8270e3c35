//! What stores in a cloud have in common, written once and beside the contract: a plugin that
//! keeps its objects on a tape needs none of it.
//!
//! - [`credentials`]: where the reference looks for them, in every form, and when they change.
//! - [`http`]: one client on one TLS stack; what a status, a broken connection or a certificate
//!   means for the caller.
//! - [`document`]: XML that was read to its end and is what was asked for.
//! - [`read`]: ranges and bodies of exactly the length that was promised.
//! - [`unfinished`]: which uploads nobody will end any more.
//! - [`Keyspace`]: keys under a prefix, which never meets the prefix of a sibling.
#![warn(missing_docs)]

mod asked;
mod container;
mod copied_in_parts;
mod copy_ranges;
pub mod credentials;
mod digest;
pub mod document;
pub mod http;
mod keyspace;
mod metadata;
mod nonce;
pub mod read;
mod reloading;
mod time;
pub mod unfinished;
#[cfg(test)]
mod unfinished_tests;

pub use asked::{Reply, asked};
pub use container::{container, no_such_bucket};
pub use copied_in_parts::copied_in_parts;
pub use copy_ranges::{copy_ranges, limits_of_copies};
pub use digest::md5;
pub use keyspace::{Keyspace, asked_for};
pub use metadata::Metadata;
pub use nonce::nonce;
pub use reloading::{LoadFuture, Reloading};
pub use secrecy::{ExposeSecret, SecretString};
pub use time::{from_http_date, from_rfc3339, to_http_date, to_rfc3339, without_end};
