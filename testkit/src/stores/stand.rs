//! A server that something is put before: a proxy that spoils what passes.

use std::path::Path;

use crate::proxy::Fault;
use libtest_mimic::{Failed, Trial};
use snapstore::{Bytes, Provider, StoreConfig};

/// A server, and the library that speaks to it.
#[derive(Clone)]
pub struct Stand {
    /// What its tests' names begin with.
    pub name: &'static str,
    pub provider: Provider,
    /// Where it is, or the variable that would say it.
    pub server: Result<String, &'static str>,
    /// The store as it is found at an address; credentials are written into the directory.
    pub store: fn(&str, &Path) -> StoreConfig,
    /// What it answers to credentials that were good once, if that happens with it.
    pub expired: Option<fn() -> Fault>,
    /// What it says, and what the one that it stands for would say.
    pub words: &'static [(&'static str, &'static str)],
}

/// A reply that the server never gave.
pub fn reply(status: u16, text: &'static str) -> Fault {
    let mut fault = Fault::status(status);
    if let Fault::Reply(reply) = &mut fault {
        *reply.body_mut() = Bytes::from_static(text.as_bytes());
    }
    fault
}

/// Seen in the list of tests, and a failure where `REQUIRE_TARGETS` names the provider.
pub fn absent(stand: &Stand, variable: &str) -> Trial {
    let family = stand.name.split('(').next().unwrap_or(stand.name);
    #[expect(
        clippy::disallowed_methods,
        reason = "a test program is its own command line"
    )]
    let required = std::env::var("REQUIRE_TARGETS").unwrap_or_default();
    let is_required = required.split(',').any(|name| name.trim() == family);
    let message = format!("REQUIRE_TARGETS names {family}, and {variable} is not set");
    let name = format!("{}::set_{variable}_to_test_it", stand.name);
    Trial::test(name, move || Err(Failed::from(message))).with_ignored_flag(!is_required)
}
