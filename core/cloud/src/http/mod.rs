//! HTTP to a provider: the client, and what its failures mean for a caller.

mod answer;
mod cause;
mod clear;
mod client;
mod clocks;
mod refusal;
mod transport;
mod wants_tls;

pub use answer::{absent, extent, extent_of, is_about_an_object, length, odd, text, wait};
pub use cause::{causes, innermost, untrusted};
pub use clear::warn_if_clear;
pub use client::{Tls, Trust, client, install_crypto, verified};
pub use clocks::skew;
pub use refusal::{Again, Refusal, retry_after};
pub use transport::{Unreached, broken, named, no_tls, words};
pub use wants_tls::wants_tls;
