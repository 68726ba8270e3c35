//! Taking one full: etcd's snapshot in one pass through checks, hashes, an index of its pages and compression into
//! the upload. No file. Memory: what waits on its way, and 21 bytes for each page (5 MiB for a GiB).
//!
//! ```text
//!  etcd ─▶ source ──pieces──▶ content (a thread) ──bytes──▶ snapstore::sender ─▶ store
//!          stall, cancel      hash, index, encode           parts             └▶ arrival
//! ```
//!
//! The object ends only when etcd's stream has: whatever fails before fails the upload, and no object appears.

mod request;
mod source;
mod take;
mod taken;

pub use request::Request;
pub use take::take;
pub use taken::{Opened, TakenFull};
