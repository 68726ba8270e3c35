//! Native replay checked against real etcds: under random load one is killed, its directory copied,
//! replayed here, and the same etcd booted on the copy. Both must say the same.

mod clients;
mod compare;
mod directory;
mod etcd_faults;
mod kv_load;
mod load;
mod lost;
mod run;
mod salvage;
mod three;
mod users_load;

pub use directory::Directory;
pub use run::{Verdict, differential, differential_in};
pub use three::survivors_agree;
