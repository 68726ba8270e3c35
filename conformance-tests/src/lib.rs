//! Does a store keep the contract of [`snapstore::Snapstore`]?
//!
//! Every promise written in the docs of `snapstore` is one [`Case`], and every case becomes one
//! named test for each [`Target`]: `local::put::create_new_has_one_winner`. A case works under a
//! random prefix of its own, so the suite is safe to run against a bucket that holds other things,
//! and several at once.
//!
//! A capability that the store claims must work. One that it does not claim is asked for all the
//! same and must be answered with `Unsupported`: a store cannot lie in either direction.
//!
//! The whole test of a store in another repository, with `harness = false` in its manifest:
//!
//! ```no_run
//! use std::sync::Arc;
//! use snapstore::Snapstore;
//! use snapstore::memory::MemoryStore;
//!
//! async fn open() -> snapstore::Result<Arc<dyn Snapstore>> {
//!     Ok(Arc::new(MemoryStore::new()))
//! }
//!
//! conformance_tests::main!(open);
//! ```

mod case;
mod cases;
mod context;
mod failure;
mod faulty;
mod harness;
mod need;
mod target;

pub use case::{Case, CaseFuture};
pub use cases::{all, large, of_retention};
pub use context::{Context, remove_all};
pub use failure::{Failure, Outcome};
pub use faulty::{Faulty, NoWaiting};
pub use harness::{Held, hold, run, run_case};
pub use need::Need;
pub use target::{Gap, Target};

/// A `main` that runs all cases on the one store that `open` opens.
#[macro_export]
macro_rules! main {
    ($open:expr) => {
        fn main() -> ::std::process::ExitCode {
            $crate::run(vec![$crate::Target::new("store", $open)])
        }
    };
}
