//! The write-ahead log: `member/wal/%016x-%016x.wal`, read strictly and written fresh.
//!
//! A file is a row of frames, each a length word and a record; every record but the checksum
//! carries a CRC-32C that runs over the data of all records before it, across files. A file
//! may end anywhere after a record: with nothing, with zeros (etcd preallocates 64,000,000
//! bytes), and the last file with what a crash leaves of the write that it cut off.
//! Source: server/wal (wal.go, encoder.go, decoder.go) of etcd 3.5.

mod damage;
mod files;
mod frame;
mod header;
mod log;
mod metadata;
mod name;
mod one_write;
mod reader;
mod record;
mod remains;
mod segment;
mod writer;

pub use damage::{Damage, Fault};
pub use files::{Files, Forward, Records};
pub use log::{Log, Start};
pub use metadata::Metadata;
pub use name::SegmentName;
pub use reader::{Positioned, Reader};
pub use record::{Record, SnapshotRecord};
pub use writer::Writer;
