//! What the program is made of, as CycloneDX.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
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
    let root = dist.root.canonicalize()?;
    let made = root.join("cli").join(format!("{name}.json"));
    let listed = fs::read_to_string(&made).with_context(|| format!("read {}", made.display()))?;
    // Crates of ours are named by where they are.
    let listed = listed.replace(&format!("file://{}", root.display()), "file:///src");
    remove_all(&root, &format!("{name}.json"))?;
    let crates = tree(dist)?;
    let mut listed = serde_json::from_str(&listed)?;
    names_all(&listed, &crates)?;
    leave_out_others(&mut listed, &crates);
    fs::write(dist.named(".cdx.json"), serde_json::to_vec_pretty(&listed)?)?;
    Ok(())
}

/// It writes one beside each manifest of the workspace.
fn remove_all(root: &Path, name: &str) -> Result<()> {
    let metadata = program::run(
        Command::new(cargo())
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(root),
    )?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array();
    for package in packages.context("cargo names no packages")? {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        let left = manifest.with_file_name(name);
        if left.exists() {
            fs::remove_file(left)?;
        }
    }
    Ok(())
}

fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Name and version of the crates that are compiled into the program, by cargo's own word.
fn tree(dist: &Dist) -> Result<BTreeSet<String>> {
    let said = program::run(
        Command::new(cargo())
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
    let named: BTreeSet<String> = components.iter().filter_map(named).collect();
    let missing: Vec<&String> = crates.difference(&named).collect();
    ensure!(
        missing.is_empty() && !crates.is_empty(),
        "the list of components lacks {missing:?} of {} crates",
        crates.len()
    );
    Ok(())
}

/// Leaves out what an optional part of a dependency would bring if anybody asked for it, and what only builds.
fn leave_out_others(listed: &mut Value, crates: &BTreeSet<String>) {
    let mut refs: BTreeSet<String> = BTreeSet::new();
    refs.extend(
        listed["metadata"]["component"]["bom-ref"]
            .as_str()
            .map(str::to_owned),
    );
    if let Some(components) = listed["components"].as_array_mut() {
        components.retain(|one| named(one).is_some_and(|name| crates.contains(&name)));
        let kept = components.iter().filter_map(|one| one["bom-ref"].as_str());
        refs.extend(kept.map(str::to_owned));
    }
    let is_kept = |one: &Value| one.as_str().is_some_and(|one| refs.contains(one));
    if let Some(dependencies) = listed["dependencies"].as_array_mut() {
        dependencies.retain(|one| is_kept(&one["ref"]));
        for one in dependencies {
            if let Some(on) = one["dependsOn"].as_array_mut() {
                on.retain(is_kept);
            }
        }
    }
}

/// Name and version of a component.
fn named(component: &Value) -> Option<String> {
    let (name, version) = (component["name"].as_str()?, component["version"].as_str()?);
    Some(format!("{name} {version}"))
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

    /// `ring` was named, which is in no program of ours: whoever looks for what it concerns would look here in vain.
    #[test]
    fn what_is_not_compiled_is_not_named() {
        let component = |name: &str| json!({"name": name, "version": "1.0.0", "bom-ref": name});
        let mut listed = json!({
            "metadata": {"component": component("etcdbrctl")},
            "components": [component("http"), component("ring")],
            "dependencies": [
                {"ref": "etcdbrctl", "dependsOn": ["http", "ring"]},
                {"ref": "ring", "dependsOn": []},
            ],
        });
        leave_out_others(&mut listed, &["http 1.0.0".to_owned()].into());
        assert_eq!(listed["components"], json!([component("http")]));
        let left = json!([{"ref": "etcdbrctl", "dependsOn": ["http"]}]);
        assert_eq!(listed["dependencies"], left);
    }
}
