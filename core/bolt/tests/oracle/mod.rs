//! Real bbolt, in two versions, behind `main.go` in this directory.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "only tests use it"
)]

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// The bbolt of etcd 3.4 and 3.5, and that of etcd 3.6, by their module files.
pub(crate) const VERSIONS: [&str; 2] = ["go.mod", "bbolt-1.4.mod"];

pub(crate) struct Oracle {
    process: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Oracle {
    pub(crate) fn start(version: &str) -> Oracle {
        let mut process = Command::new(build(version))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        Oracle { process, answers }
    }

    /// Creates a database; see `main.go`.
    #[track_caller]
    pub(crate) fn make(&mut self, path: &Path, page_size: u32, freelist: &str, seed: u64) {
        self.ask(&format!(
            "make {} {page_size} {freelist} {seed}",
            path.display()
        ));
    }

    /// Creates a database with at least `pages` free pages on its freelist.
    #[track_caller]
    pub(crate) fn free(&mut self, path: &Path, page_size: u32, pages: u32) {
        self.ask(&format!("free {} {page_size} {pages}", path.display()));
    }

    /// Lets bbolt write to a database.
    #[track_caller]
    pub(crate) fn grow(&mut self, path: &Path, freelist: &str, seed: u64) {
        self.ask(&format!("grow {} {freelist} {seed}", path.display()));
    }

    /// The digest of the content, after bbolt's own check found nothing.
    #[track_caller]
    pub(crate) fn look(&mut self, path: &Path) -> String {
        self.ask(&format!("look {}", path.display()))
    }

    #[track_caller]
    fn ask(&mut self, question: &str) -> String {
        let input = self.process.stdin.as_mut().unwrap();
        writeln!(input, "{question}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        match answer.trim().strip_prefix("ok") {
            Some(rest) => rest.trim().to_owned(),
            None => panic!("bbolt: {question}: {answer}"),
        }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().unwrap();
    }
}

/// Builds into the user's cache, under a name that changes with the sources: a clean clone finds
/// the program again.
fn build(version: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle");
    let mut hasher = DefaultHasher::new();
    for file in ["main.go", version] {
        fs::read(source.join(file)).unwrap().hash(&mut hasher);
    }
    let cache = cache_dir().join("etcdbr/oracles");
    let program = cache.join(format!("bbolt-{:016x}", hasher.finish()));
    if program.exists() {
        return program;
    }
    fs::create_dir_all(&cache).unwrap();
    let unfinished = tempfile::NamedTempFile::new_in(&cache).unwrap();
    let built = Command::new("go")
        .args(["build", &format!("-modfile={version}"), "-o"])
        .arg(unfinished.path())
        .arg(".")
        .current_dir(&source)
        .env("GOTOOLCHAIN", "local")
        .status();
    match built {
        Ok(status) if status.success() => {}
        Ok(status) => panic!("go build of the bbolt oracle failed: {status}"),
        Err(error) => {
            panic!("oracle missing: install Go (https://go.dev/dl, 1.23 or later): {error}")
        }
    }
    unfinished.persist(&program).unwrap();
    program
}

fn cache_dir() -> PathBuf {
    match std::env::var_os("XDG_CACHE_HOME") {
        Some(dir) if !dir.is_empty() => PathBuf::from(dir),
        _ => PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache"),
    }
}
