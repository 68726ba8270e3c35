//! A snapshotter that runs, what it says, and whether that is so.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use testkit::etcd::Etcd;
use testkit::wait;

use crate::support::{Run, Site, signal};

/// How long is waited for it.
const LIMIT: Duration = Duration::from_secs(60);

/// One that runs. Killed when dropped.
pub(crate) struct Snapshotter {
    child: Child,
    log: PathBuf,
}

/// The command, with its store and its etcd.
pub(crate) fn command(site: &Site, etcd: &Etcd, flags: &[&str]) -> Command {
    let endpoint = ["--endpoints", etcd.client_url()];
    site.command("snapshot", &[&endpoint, flags].concat())
}

impl Snapshotter {
    /// Deltas each second, fulls once a day, unless the flags say otherwise.
    pub(crate) fn start(site: &Site, etcd: &Etcd, flags: &[&str]) -> Self {
        let usual = ["--delta-snapshot-period", "1s", "--schedule", "@every 24h"];
        let number = fs::read_dir(site.path()).unwrap().count();
        let log = site.path().join(format!("snapshotter-{number}.log"));
        let mut command = command(site, etcd, &[&usual, flags].concat());
        command.args(["--log-format", "json"]);
        Self::spawn(command, log)
    }

    /// The same of any command that writes its log in JSON.
    pub(crate) fn spawn(mut command: Command, log: PathBuf) -> Self {
        let child = command
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn();
        Self {
            child: child.unwrap(),
            log,
        }
    }

    /// Its number as a process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has said so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Waits until it has said this.
    pub(crate) fn says(&mut self, words: &str) {
        let log = self.log.clone();
        wait::until(words, LIMIT, || {
            let has_ended = self.child.try_wait()?.is_some();
            let log = fs::read_to_string(&log)?;
            let said = log.contains(words);
            assert!(said || !has_ended, "it has ended: {log}");
            Ok(said.then_some(()))
        })
        .unwrap();
    }

    /// Waits until it has said that a revision is stored.
    pub(crate) fn stores(&mut self, revision: i64) {
        let last = || self.stored().last().copied();
        let stored = wait::until("a revision is stored", LIMIT, || {
            Ok(last().filter(|last| *last >= revision))
        });
        stored.unwrap_or_else(|_| unreachable!("{revision} is not stored: {}", self.log()));
    }

    /// Waits until it has said that so many fulls are taken. One that has appeared in the store and was not said to be may be given up by a
    /// stop: tests that waited for its name failed on busy machines.
    pub(crate) fn takes_fulls(&self, count: usize) {
        wait::until("a full is taken", LIMIT, || {
            let fulls = self.log().matches("took full").count();
            Ok((fulls >= count).then_some(()))
        })
        .unwrap();
    }

    /// The revisions that it has said are stored, in order.
    pub(crate) fn stored(&self) -> Vec<i64> {
        let log = self.log();
        // The last line may be half written.
        let lines = log
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        let taken = |line: Value| {
            let is_taken = line["message"].as_str()?.starts_with("took ");
            is_taken.then(|| line["revision"].as_i64())?
        };
        lines.filter_map(taken).collect()
    }

    /// Stopped as an operator stops it.
    pub(crate) fn stop(self) -> Run {
        signal(&self.child, Signal::TERM);
        self.ended()
    }

    /// Ended by itself.
    pub(crate) fn ended(mut self) -> Run {
        let status = self.child.wait().unwrap();
        let mut stdout = String::new();
        let out = self.child.stdout.take().unwrap();
        std::io::Read::read_to_string(&mut { out }, &mut stdout).unwrap();
        Run {
            code: status.code(),
            stdout,
            stderr: self.log(),
        }
    }

    /// Killed without warning; what it had said.
    pub(crate) fn kill(mut self) -> Vec<i64> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.stored()
    }
}

impl Drop for Snapshotter {
    fn drop(&mut self) {
        // It has ended already where it was stopped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What `verify` says of the newest state, or of a revision.
pub(crate) fn verified(site: &Site, revision: Option<i64>) -> Value {
    let text = revision.map(|revision| revision.to_string());
    let mut flags = vec!["-o", "json"];
    if let Some(text) = &text {
        flags.extend(["--to-revision", text]);
    }
    let run = site.run("verify", &flags);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    serde_json::from_str(&run.stdout).unwrap()
}

/// The backups lead to a revision at which they have the hash of etcd.
pub(crate) fn leads_to(site: &Site, etcd: &Etcd, revision: i64) {
    let report = verified(site, Some(revision));
    assert_eq!(report["revision"], revision, "{report}");
    let hash = etcd.hash_kv(revision).unwrap();
    assert_eq!(report["hash_kv"], hash.hash, "revision {revision}");
}

/// The same in any of the lineages: a kill between a first full and its metadata leaves one of unknown origin.
pub(crate) fn some_lineage_leads_to(site: &Site, etcd: &Etcd, revision: i64) {
    let list = site.run("list", &["-o", "json"]);
    let listed: Value = serde_json::from_str(&list.stdout).unwrap();
    let ids = listed["lineages"].as_array().cloned().unwrap_or_default();
    let ids = ids.iter().map(|one| one["id"].as_str().unwrap().to_owned());
    let hash = etcd.hash_kv(revision).unwrap().hash;
    let text = revision.to_string();
    let leads = |flags: &[&str]| {
        let run = site.run(
            "verify",
            &[flags, &["--to-revision", &text, "-o", "json"]].concat(),
        );
        let report = serde_json::from_str::<Value>(&run.stdout).unwrap_or_default();
        report["revision"] == revision && report["hash_kv"] == hash
    };
    let any = leads(&[]) || ids.into_iter().any(|id| leads(&["--lineage", &id]));
    assert!(any, "revision {revision}: {}", list.stdout);
}

/// The names of the snapshots, in order.
pub(crate) fn names(site: &Site) -> Vec<String> {
    let entries = fs::read_dir(site.store().join("v2")).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// What is known about a snapshot.
pub(crate) fn metadata(site: &Site, name: &str) -> Value {
    let path = site.store().join(format!("meta/{name}.json"));
    let read = fs::read(&path).unwrap_or_else(|_| unreachable!("no {}", path.display()));
    serde_json::from_slice(&read).unwrap()
}
