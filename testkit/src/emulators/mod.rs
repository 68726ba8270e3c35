//! Object stores to test against: real servers and emulators of clouds, as plain processes on free
//! ports of the loopback. What they are installed from is pinned, and stays in the user's cache.
//!
//! Who tests learns of them by variables alone (`CONFORMANCE_S3=http://127.0.0.1:20123`), so a server
//! that was started otherwise, by docker-compose.yml for one, does as well. The accounts are the same
//! everywhere: [`accounts`].

pub mod accounts;
mod catalogue;
mod emulator;
mod group;
mod identity;
mod install;
mod listener;
mod mortal;
mod oss2;
mod place;
mod python;
mod running;
mod secure;
mod start;

pub use catalogue::{EMULATORS, LOOSE_AZURITE, WEBDAV, named};
pub use emulator::{Emulator, bring};
pub use group::{Group, Session};
pub use install::{Installed, Source};
pub(crate) use install::{Software, fetch};
pub use mortal::MortalMinio;
pub use oss2::oss2;
pub use running::Running;
pub use secure::SecureMinio;
