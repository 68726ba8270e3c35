//! A store, a place for the restored directory, and the program between them.
#![allow(
    dead_code,
    unused_imports,
    clippy::panic,
    clippy::unwrap_used,
    reason = "each test program uses its part"
)]

pub(crate) mod cluster;
pub(crate) mod initialized;
pub(crate) mod real_chain;
mod run;
mod spoilt;
mod stopped;
pub(crate) mod terminal;
pub(crate) mod timed;
pub(crate) mod two_lineages;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;
use testkit::backup::{Compression, compress};

pub(crate) use run::Run;
pub(crate) use spoilt::spoilt;
pub(crate) use stopped::{signal, stopped};
pub(crate) use testkit::synthetic::{History, delta_name, full_name};

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// The program under test.
pub(crate) fn program() -> &'static Path {
    PROGRAM.get_or_init(|| env!("CARGO_BIN_EXE_etcdbrctl").into())
}

/// From now on it is a copy of what it is now: a run that takes long would meet the one of another build.
pub(crate) fn keep_program(to: &Path) {
    fs::copy(env!("CARGO_BIN_EXE_etcdbrctl"), to).unwrap();
    PROGRAM.set(to.to_owned()).unwrap();
}

/// A directory with a store in it, and room for what is restored from it.
pub(crate) struct Site {
    dir: TempDir,
    store: PathBuf,
}

impl Site {
    /// An empty store.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = dir.path().join("store");
        Self { dir, store }.empty()
    }

    /// The same with its store elsewhere, in a directory of this name.
    pub(crate) fn with_store_below(dir: TempDir, name: &str) -> Self {
        let store = dir.path().join(name).join("store");
        Self { dir, store }.empty()
    }

    fn empty(self) -> Self {
        fs::create_dir_all(self.store().join("v2")).unwrap();
        self
    }

    /// A store that holds a backup of `testdata/backups`, made by the reference.
    pub(crate) fn with_backup(name: &str) -> Self {
        let site = Self::new();
        let backups = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/backups");
        for entry in fs::read_dir(backups.join(name).join("v2")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(
                entry.path(),
                site.object(entry.file_name().to_str().unwrap()),
            )
            .unwrap();
        }
        site
    }

    /// A store with a full at revision 20 and deltas to 40 and 60, gzipped; and their history.
    pub(crate) fn with_history() -> (Self, History) {
        let (site, mut history) = (Self::new(), History::default());
        history.wander(60, 1);
        site.put_full(&history, 20);
        site.put_delta(&history, 21, 40);
        site.put_delta(&history, 41, 60);
        (site, history)
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.store.clone()
    }

    /// The file of an object of today's layout.
    pub(crate) fn object(&self, name: &str) -> PathBuf {
        self.store().join("v2").join(name)
    }

    pub(crate) fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.object(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.object(name)).unwrap()
    }

    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.object(name)).unwrap();
    }

    pub(crate) fn put_full(&self, history: &History, revision: i64) {
        let name = full_name(revision, Compression::Gzip);
        let content = history.full(revision);
        self.put(&name, compress(Compression::Gzip, &content));
    }

    pub(crate) fn put_delta(&self, history: &History, first: i64, last: i64) {
        let name = delta_name(first, last, Compression::Gzip);
        let content = history.delta(first..=last);
        self.put(&name, compress(Compression::Gzip, &content));
    }

    /// Where `restore` puts the member unless told otherwise.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.path().join("out/new.etcd")
    }

    /// `etcdbrctl` with this store and, for `restore`, this data directory.
    pub(crate) fn command(&self, verb: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.env_clear().env("HOME", self.path());
        command.arg(verb).arg("--store-container").arg(self.store());
        if verb == "restore" {
            fs::create_dir_all(self.path().join("out")).unwrap();
            command.arg("--data-dir").arg(self.data_dir());
        }
        command.args(args);
        command
    }

    pub(crate) fn run(&self, verb: &str, args: &[&str]) -> Run {
        Run::of(self.command(verb, args))
    }

    /// The same of a command that has others below it.
    pub(crate) fn run_sub(&self, verb: &str, sub: &str, args: &[&str]) -> Run {
        let mut command = Command::new(program());
        command.env_clear().env("HOME", self.path());
        command.args([verb, sub, "--store-container"]);
        command.arg(self.store()).args(args);
        Run::of(command)
    }

    /// A restore that must succeed: its report.
    pub(crate) fn restore(&self, args: &[&str]) -> serde_json::Value {
        let run = self.run("restore", &[&["--output", "json"], args].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    }

    /// The same into another directory, which is removed again.
    pub(crate) fn restored_hash(&self, args: &[&str]) -> u64 {
        let report = self.restore(args);
        fs::remove_dir_all(self.data_dir()).unwrap();
        report["hash_kv"].as_u64().unwrap()
    }

    /// A restore that must be refused: exit code 1, all of `words` on standard error, nothing on
    /// standard output, nothing left behind, the store as it was.
    pub(crate) fn refused(&self, args: &[&str], words: &[&str]) {
        let before = contents(&self.store());
        let run = self.run("restore", args);
        run.failed_with(words);
        self.left_nothing();
        assert_eq!(contents(&self.store()), before, "the store was changed");
    }

    /// No data directory, and no leftover of one.
    pub(crate) fn left_nothing(&self) {
        let left = contents(&self.path().join("out"));
        assert!(left.is_empty(), "left behind: {:?}", left.keys());
    }
}

/// Every file below `dir` with its bytes, and every directory with none.
pub(crate) fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut contents = BTreeMap::new();
    let mut dirs = vec![dir.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                contents.insert(path.clone(), Vec::new());
                dirs.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                contents.insert(path, bytes);
            }
        }
    }
    contents
}
