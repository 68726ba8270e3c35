//! From a store to a data directory, without an etcd.
//!
//! plan (pure) -> fetch and decode, in parallel, ahead but bounded -> replay in order, every event
//! held against the one before -> write -> read it all again -> publish by one rename.

mod barren;
mod base;
mod budget;
mod check;
mod compact;
mod database;
mod download;
mod extend;
mod fetch;
mod held;
mod index;
mod kinship;
mod leases;
mod newest;
mod output;
mod overlap;
mod plan;
#[cfg(test)]
mod plan_tests;
mod records;
mod replay;
mod report;
mod request;
mod run;
mod salvage;
mod second_look;
mod session;
mod space;
mod verify;
mod write_behind;

pub use barren::{Barren, Lot};
pub use kinship::Kinship;
pub(crate) use kinship::is_of_one_history;
pub use leases::LeaseCounts;
pub use newest::{Newest, PassedOver, restore_newest};
pub use plan::{Plan, PlanError, Stop, Target, plan};
pub use records::Beyond;
pub use report::{Report, RestoredMember};
pub use request::{Authentication, Changes, History, Identity, OtherCluster, Reading, Request};
pub use run::{preview, read_catalogue, restore};
pub use salvage::{Salvaged, SalvagedChange, Source};
pub use session::Session;
pub use verify::{Verification, verify};
