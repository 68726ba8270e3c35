//! TLS by rustls: whose certificate is accepted, and which one we show.

mod anybody;
mod fault;
mod files;
mod settings;

pub(crate) use fault::{refused, words};
pub(crate) use settings::settings;
