use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// Builds one program as it is released, and says where it is. `what` names it to `cargo build`.
pub(super) fn program(what: &[&str]) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["build", "--locked", "--release", "--message-format", "json"])
        .args(what)
        .stderr(Stdio::inherit())
        .output()
        .context("run cargo build")?;
    let what = what.join(" ");
    ensure!(
        output.status.success(),
        "cargo build --release {what} failed"
    );
    let executable = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back();
    executable.with_context(|| format!("cargo did not say where it put {what}"))
}
