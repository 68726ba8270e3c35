//! CONTRIBUTING.md says what adding a provider takes: a crate, a feature, one line in stores.rs, one
//! conformance target. Here that is done in a copy of the workspace, with the crate of
//! `cli/tests/seventh`, and the program that comes of it passes the suite.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Lines of code that a provider may take, outside of its SDK and the calls of it.
const LONGEST: usize = 250;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match from.is_dir() {
            true => copy(&from, &to),
            false => drop(fs::copy(&from, &to).unwrap()),
        }
    }
}

/// Writes `addition` below the line `line` of a file.
fn add(file: &Path, line: &str, addition: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert_eq!(text.matches(line).count(), 1, "{line:?} in {file:?}");
    let text = text.replace(line, &format!("{line}\n{addition}"));
    fs::write(file, text).unwrap();
}

/// The workspace with a seventh provider; what does not change is linked.
fn workspace(at: &Path) {
    if at.exists() {
        fs::remove_dir_all(at).unwrap();
    }
    fs::create_dir_all(at.join("backends")).unwrap();
    for name in [
        "core",
        "conformance-tests",
        "testkit",
        "xtask",
        "testdata",
        "docs",
    ] {
        symlink(root().join(name), at.join(name)).unwrap();
    }
    for name in ["Cargo.toml", "Cargo.lock", "README.md"] {
        fs::copy(root().join(name), at.join(name)).unwrap();
    }
    for backend in fs::read_dir(root().join("backends")).unwrap() {
        let backend = backend.unwrap();
        let link = at.join("backends").join(backend.file_name());
        symlink(backend.path(), link).unwrap();
    }
    copy(&root().join("cli"), &at.join("cli"));

    // The four steps of CONTRIBUTING.md.
    let depot = at.join("backends/depot");
    copy(&root().join("cli/tests/seventh/src"), &depot.join("src"));
    let manifest = root().join("cli/tests/seventh/manifest.toml");
    fs::copy(manifest, depot.join("Cargo.toml")).unwrap();
    let manifest = at.join("cli/Cargo.toml");
    add(&manifest, "[features]", "depot = [\"dep:snapstore-depot\"]");
    let dependency = "snapstore-depot = { path = \"../backends/depot\", optional = true }";
    add(&manifest, "\n[dependencies]", dependency);
    let line = "    \"depot\" => snapstore_depot { \"Depot\": PROVIDER }";
    add(&at.join("cli/src/stores.rs"), "\nproviders! {", line);
}

fn build(at: &Path, target: &Path) -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--offline", "--quiet", "--package", "etcdbrctl"])
        .args(["--no-default-features", "--features", "depot,conformance"])
        .arg("--target-dir")
        .arg(target)
        .current_dir(at)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{said}");
    target.join("debug/etcdbrctl")
}

/// `etcdbrctl ARGUMENTS` on the bucket `container` of the depot, with `token`.
fn run(program: &Path, token: &str, container: &str, arguments: &[&str]) -> Output {
    let credentials = tempfile::tempdir().unwrap();
    fs::write(credentials.path().join("token"), token).unwrap();
    Command::new(program)
        .args(arguments)
        .args([
            "--storage-provider",
            "Depot",
            "--store-container",
            container,
        ])
        .env_clear()
        .env("DEPOT_APPLICATION_CREDENTIALS", credentials.path())
        .output()
        .unwrap()
}

/// A provider took about nine places, three of them lists that had to be found first.
#[test]
fn a_provider_is_a_crate_a_feature_a_line_and_a_target() {
    let room = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let at = room.join("seventh");
    workspace(&at);
    let program = build(&at, &room.join("seventh-target"));

    let held = run(&program, "open sesame", "backups", &["conformance"]);
    let said = String::from_utf8_lossy(&held.stdout);
    assert!(held.status.success(), "{said}");
    assert!(said.contains("upload::"), "its uploads are tried: {said}");

    for (token, container, why) in [
        (
            "open sesame",
            "elsewhere",
            "there is no bucket \"elsewhere\"",
        ),
        ("another", "backups", "Forbidden"),
    ] {
        let refused = run(&program, token, container, &["list"]);
        let said = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(said.contains(why), "{said}");
        assert!(!said.contains(token), "{said}");
    }
}

/// The lines of `source` that say something: no comments, no imports, no calls of the SDK, which stand in
/// the async closures that take a client.
fn lines(source: &str) -> usize {
    let mut counted = 0;
    let mut passed_over = None;
    for line in source.lines() {
        let text = line.trim();
        if let Some(end) = passed_over {
            if line == end {
                passed_over = None;
            }
            continue;
        }
        passed_over = match text {
            _ if text.starts_with("use ") && text.ends_with('{') => Some("};"),
            _ if text.ends_with("async |client: Arc<Client>| {") => Some("        };"),
            _ => None,
        };
        let is_said = !text.is_empty() && !text.starts_with("//") && !text.starts_with("use ");
        counted += usize::from(is_said && passed_over.is_none());
    }
    assert_eq!(passed_over, None);
    counted
}

#[test]
fn a_provider_is_short() {
    let mut counted = 0;
    for file in fs::read_dir(root().join("cli/tests/seventh/src")).unwrap() {
        let path = file.unwrap().path();
        if path.file_name().unwrap() != "sdk.rs" {
            counted += lines(&fs::read_to_string(path).unwrap());
        }
    }
    assert!(counted < LONGEST, "{counted} lines");
    assert!(counted > LONGEST / 2, "only {counted} lines were found");
}
