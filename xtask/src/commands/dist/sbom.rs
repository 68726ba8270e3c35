//! What the program is made of, as CycloneDX.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use testkit::program;

use super::made_of::Dist;
use crate::commands::tools::bring;

const VERSION: &str = "0.5.9";

/// Writes the list of components of the program on this platform.
pub(super) fn write(dist: &Dist) -> Result<()> {
    let tool = bring("cargo-cyclonedx", VERSION)?;
    // It writes beside the manifest, under a name of its own.
    let name = "etcdbrctl-dist";
    program::run(
        Command::new(tool)
            .args(["cyclonedx", "--format", "json", "--override-filename", name])
            .args(["--no-default-features", "--features", &dist.features])
            .args(["--target", dist.machine.triple(), "--manifest-path"])
            .arg(dist.root.join("cli/Cargo.toml"))
            // Without it each run has another number and time.
            .env("SOURCE_DATE_EPOCH", "0"),
    )?;
    let made = dist.root.join("cli").join(format!("{name}.json"));
    let listed = fs::read(&made).with_context(|| format!("read {}", made.display()))?;
    names_all(&serde_json::from_slice(&listed)?, &tree(dist)?)?;
    fs::write(dist.named(".cdx.json"), listed)?;
    for member in fs::read_dir(&dist.root)? {
        let left = member?.path().join(format!("{name}.json"));
        if left.exists() {
            fs::remove_file(left)?;
        }
    }
    Ok(())
}

/// Name and version of the crates that are compiled into the program, by cargo's own word.
fn tree(dist: &Dist) -> Result<BTreeSet<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let said = program::run(
        Command::new(cargo)
            .args(["tree", "--locked", "--package", "etcdbrctl"])
            .args(["--no-default-features", "--features", &dist.features])
            .args(["--target", dist.machine.triple(), "--edges", "normal"])
            .args(["--prefix", "none", "--format", "{p}"])
            .current_dir(&dist.root),
    )?;
    let crates = said.lines().filter_map(|line| {
        let (name, rest) = line.split_once(" v")?;
        let version = rest.split_whitespace().next()?;
        (name != "etcdbrctl").then(|| format!("{name} {version}"))
    });
    Ok(crates.collect())
}

/// That it is CycloneDX, and that none of these crates is missing in it.
fn names_all(listed: &Value, crates: &BTreeSet<String>) -> Result<()> {
    ensure!(
        listed["bomFormat"] == "CycloneDX",
        "the list of components is not CycloneDX"
    );
    let components = listed["components"].as_array();
    let components = components.context("the list of components has none")?;
    let named: BTreeSet<String> = components
        .iter()
        .filter_map(|one| {
            Some(format!(
                "{} {}",
                one["name"].as_str()?,
                one["version"].as_str()?
            ))
        })
        .collect();
    let missing: Vec<&String> = crates.difference(&named).collect();
    ensure!(
        missing.is_empty() && !crates.is_empty(),
        "the list of components lacks {missing:?} of {} crates",
        crates.len()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A list that leaves a crate out says that the program is not concerned by what is found in it.
    #[test]
    fn a_crate_that_is_missing_is_told() {
        let component = |name: &str| json!({"name": name, "version": "1.0.0"});
        let listed = |names: &[&str]| {
            let components: Vec<Value> = names.iter().map(|name| component(name)).collect();
            json!({"bomFormat": "CycloneDX", "components": components})
        };
        let crates = ["bytes 1.0.0", "http 1.0.0"].map(str::to_owned).into();
        names_all(&listed(&["http", "bytes", "cc"]), &crates).unwrap();
        let told = names_all(&listed(&["http"]), &crates).unwrap_err();
        assert!(told.to_string().contains("bytes 1.0.0"), "{told}");
        assert!(names_all(&json!({}), &crates).is_err());
        assert!(names_all(&listed(&[]), &BTreeSet::new()).is_err());
    }
}
