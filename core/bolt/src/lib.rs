//! bbolt database files, as etcd uses them: read, check, append, bulk write.
//!
//! The bytes are drawn in `FORMAT.md` beside this crate. Everything goes through positional reads
//! ([`ReadAt`]): there is no memory map, so a file that ends early is an error and not a signal,
//! and there is no `unsafe`. Bytes of the file are never trusted: whatever they hold, no function
//! here panics, loops for ever or allocates more than the size of the file.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let db = bolt::Db::open(std::fs::File::open("member/snap/db")?)?;
//! if let Some(bucket) = db.bucket(b"key")? {
//!     let mut cursor = bucket.cursor();
//!     while let Some((revision, value)) = cursor.next()? {
//!         println!("{revision:02x?}: {} bytes", value.len());
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod append;
mod bucket;
mod bulk_writer;
mod check;
mod cursor;
mod db;
mod error;
mod fault;
mod field;
mod forward;
mod meta;
mod page;
mod page_reader;
mod page_writer;
mod read_at;
pub mod stream;
mod tree_writer;
mod write_at;

pub use append::{Append, Tail};
pub use bucket::Bucket;
pub use bulk_writer::BulkWriter;
pub use check::{Finding, Report, Visitor, check};
pub use cursor::{Cursor, Item};
pub use db::Db;
pub use error::{Error, Refusal};
pub use fault::{Fault, HexKey};
pub use forward::Forward;
pub use meta::{BucketHeader, Meta, MetaFault};
pub use read_at::ReadAt;
pub use write_at::WriteAt;

/// The position of a page in the file, in pages.
pub type PageId = u64;
