//! Stores of other people, loaded while the program runs.
//!
//! A plugin is a shared library with one C function, declared in `include/snapstore.h`. A Rust
//! store becomes one with [`export_snapstore!`]; the host loads it with [`load`]. Panics of a
//! plugin end at the boundary, calls that hang lose a thread and not the program, and nothing is
//! freed on the other side of it.
#![warn(missing_docs)]

#[allow(
    missing_docs,
    reason = "described in snapstore.h, which this mirrors line by line"
)]
pub mod abi;
#[cfg(feature = "guest")]
pub mod guest;
#[cfg(feature = "host")]
mod host;

#[cfg(feature = "host")]
pub use host::{Options, find, leave, load};
