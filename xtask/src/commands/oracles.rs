//! `cargo xtask oracles`: brings every etcd that tests want.

use std::process::ExitCode;

use anyhow::Result;
use testkit::oracles::{self, Brought, ETCDS};

/// Under CI a missing oracle is a failure; elsewhere it is said, and written down.
pub(crate) fn run() -> Result<ExitCode> {
    let missing = bring_all()?;
    if missing.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("incomplete: no {}", missing.join(", no "));
    Ok(ExitCode::from(u8::from(must_be_complete())))
}

/// Brings every oracle. Those that cannot be had.
pub(crate) fn bring_all() -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for oracle in &ETCDS {
        match oracles::bring(oracle) {
            Ok(Brought::WasThere) => println!("{oracle}: there"),
            Ok(Brought::New) => println!("{oracle}: brought"),
            Err(error) => {
                println!("{oracle}: MISSING: {error:#}");
                missing.push(oracle.to_string());
            }
        }
    }
    oracles::note_missing(&missing)?;
    Ok(missing)
}

/// CI holds restores against every etcd or fails.
pub(crate) fn must_be_complete() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}
