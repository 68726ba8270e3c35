//! A state out of a chain as one plain snapshot file, as `etcdctl snapshot save` writes it: the database, and its SHA-256 after
//! it. Every restore of etcd takes it.
//!
//! ```text
//!  store ─▶ unpacked ──▶ a file beside its place, or one without a name ─▶ written ─▶ the place, or a stream
//!           read, append, check                                            hash, flush, one rename
//! ```

mod error;
mod report;
mod request;
mod room;
mod run;
mod unpacked;

pub use error::{Error, Result};
pub use report::Report;
pub use request::{Existing, Place, Request};
pub use run::{export, export_file};
