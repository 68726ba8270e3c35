//! From a store to a data directory, without an etcd.
//!
//! plan (pure) -> fetch and decode, in parallel, ahead but bounded -> replay in order, every event
//! held against the one before -> write -> read it all again -> publish by one rename.

mod commit;
mod compact;
mod report;
mod request;
mod run;
mod salvage;

pub use report::{Report, RestoredMember};
pub use request::{Authentication, Changes, History, Identity, OtherCluster, Request};
pub(crate) use run::attempt;
pub use run::{preview, preview_file, restore, restore_file};
pub use salvage::{Salvaged, SalvagedChange, Source};
