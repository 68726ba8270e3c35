//! Every kind of damage to every kind of file, beside stores that know more, as much, less and
//! nothing: what is found, what is done, and that nothing is lost that was acknowledged and is still
//! on the disk or in the store. docs/initialization.md shows the outcome.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod damage;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use damage::{Blow, Ground, Part, STORES, copy, find_parts, strike};
use serde_json::Value;
use support::{Run, contents};
use testkit::etcd::Etcd;

/// Somebody who is not root.
const NOBODY: u32 = 65_534;

/// The revision up to which the member had acknowledged writes.
const AT: i64 = 100;

/// What came of one run.
struct Cell {
    verdict: String,
    deed: String,
}

struct Trial<'a> {
    ground: &'a Ground,
    part: &'a Part,
    blow: Blow,
    store: (&'static str, Option<i64>),
}

impl Trial<'_> {
    fn dir(&self) -> PathBuf {
        self.ground.path().join("try/data")
    }

    fn told(&self) -> String {
        format!("{} {} {}", self.part.name, self.blow.name(), self.store.0)
    }

    /// Damages a copy of the member, initializes it, and holds what is there against what was.
    fn run(&self) -> Cell {
        let dir = self.dir();
        let _ = fs::remove_dir_all(dir.parent().unwrap());
        copy(&self.ground.base(), &dir);
        strike(&dir, self.part, self.blow);
        let before = readable(&dir);
        let judged = self.said("validate", &[]);
        let verdict = judged["verdict"].as_str().unwrap().to_owned();
        let run = self.etcdbrctl("initialize", &["--lock-timeout", "0s"]);
        let deed = match run.code {
            Some(0) => self.succeeded(&serde_json::from_str(&run.stdout).unwrap(), &before),
            _ => {
                assert_eq!(readable(&dir), before, "{}: touched", self.told());
                "refused".into()
            }
        };
        Cell { verdict, deed }
    }

    /// What was done, after a look at what is there now.
    fn succeeded(&self, said: &Value, before: &BTreeMap<PathBuf, Vec<u8>>) -> String {
        let (dir, told) = (self.dir(), self.told());
        if said["deed"] == "untouched" {
            assert_eq!(readable(&dir), *before, "{told}: touched");
            return "left".into();
        }
        assert_eq!(said["deed"], "restored", "{told}");
        let revision = said["restored"]["revision"].as_i64().unwrap();
        assert_eq!(Some(revision), self.store.1, "{told}");
        let hash = said["restored"]["hash_kv"].as_u64().unwrap();
        assert_eq!(hash, u64::from(self.ground.hash(revision)), "{told}");
        if revision < AT {
            assert_ne!(said["loss"]["measure"], "nothing", "{told}");
        }
        if said["old"].is_null() {
            assert!(revision >= AT, "{told}: lost what only the member held");
            return "restored".into();
        }
        let kept = readable(&dir.join(".etcdbr.old/member"));
        let kept: BTreeSet<&Vec<u8>> = kept.values().collect();
        assert!(before.values().all(|bytes| kept.contains(bytes)), "{told}");
        "restored, old kept".into()
    }

    fn said(&self, verb: &str, args: &[&str]) -> Value {
        let run = self.etcdbrctl(verb, args);
        serde_json::from_str(&run.stdout).unwrap_or_else(|_| unreachable!("{}", run.stderr))
    }

    fn etcdbrctl(&self, verb: &str, args: &[&str]) -> Run {
        let as_nobody = self.blow == Blow::WrongOwner && rustix::process::geteuid().is_root();
        let mut program = PathBuf::from(env!("CARGO_BIN_EXE_etcdbrctl"));
        if as_nobody {
            program = self.ground.path().join("etcdbrctl");
            self.give_to_nobody();
        }
        let mut command = Command::new(program);
        if as_nobody {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.env_clear().args([verb, "--output", "json"]);
        command.arg("--data-dir").arg(self.dir());
        let store = self.ground.store(self.store.0);
        command.arg("--store-container").arg(store);
        if verb == "initialize" {
            command.args(self.ground.member.flags());
        }
        command.args(args);
        Run::of(command)
    }

    /// All but the damaged file, and a program that nobody can run.
    fn give_to_nobody(&self) {
        let program = self.ground.path().join("etcdbrctl");
        if !program.exists() {
            let from = env!("CARGO_BIN_EXE_etcdbrctl");
            let copied = Command::new("cp").arg(from).arg(&program).status();
            assert!(copied.unwrap().success());
            fs::set_permissions(self.ground.path(), Permissions::from_mode(0o755)).unwrap();
        }
        let damaged = self.dir().join(&self.part.file);
        for path in contents(self.dir().parent().unwrap()).into_keys() {
            if path != damaged {
                chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
    }

    /// A member that was left alone although it is damaged serves every write.
    fn serves(&self) {
        let (dir, told) = (self.dir(), self.told());
        let etcd = Etcd::on(&self.ground.binary, &self.ground.member, &dir);
        let state = etcd.unwrap().state().unwrap();
        assert_eq!(state.revision(), AT, "{told}");
        assert_eq!(state.difference(&self.ground.state), None, "{told}");
    }
}

/// All files and directories but those that the test itself put there.
fn readable(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    contents(dir)
}

/// The rows of the table: one per part and blow, with a cell per store.
fn rows(ground: &Ground) -> Vec<String> {
    let parts = find_parts(&ground.base());
    let on_parts = parts.iter().flat_map(|part| {
        let blows: &[Blow] = match part.bytes.len() {
            8 => &Blow::ON_WORDS,
            _ => &Blow::ON_PARTS,
        };
        blows.iter().map(move |blow| (part.name, part, *blow))
    });
    // One part of each file.
    let files = [("db", 0), ("log file", 3), ("newest .snap", 6)];
    let on_files = files
        .into_iter()
        .flat_map(|(name, at)| Blow::ON_FILES.map(|blow| (name, &parts[at], blow)));
    // Copied over the member's, whose log stays.
    let restored = [("db", &parts[0], Blow::OfARestore)];
    on_parts
        .chain(on_files)
        .chain(restored)
        .map(|(name, part, blow)| row(ground, name, part, blow))
        .collect()
}

fn row(ground: &Ground, name: &str, part: &Part, blow: Blow) -> String {
    let mut cells = Vec::new();
    let mut served = false;
    for store in STORES {
        let trial = Trial {
            ground,
            part,
            blow,
            store,
        };
        let cell = trial.run();
        if cell.deed == "left" && !served {
            trial.serves();
            served = true;
        }
        cells.push(format!("{}: {}", cell.verdict, cell.deed));
    }
    format!("| {name} | {} | {} |", blow.name(), cells.join(" | "))
}

const BEGIN: &str = "<!-- damage: written by cli/tests/damage_matrix.rs -->\n";
const END: &str = "<!-- damage: end -->";

fn the_table_is_that_of_the_docs(version: &str) {
    let ground = Ground::new(version);
    ground.restore();
    let rows = rows(&ground).join("\n");
    let head = "| part | damage | store newer | store equal | store older | no backup |\n\
                |---|---|---|---|---|---|\n";
    let table = format!("{BEGIN}{head}{rows}\n{END}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/initialization.md");
    let docs = fs::read_to_string(&path).unwrap();
    let (before, rest) = docs.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let now = format!("{before}{table}{after}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        return fs::write(&path, now).unwrap();
    }
    for (line, wanted) in docs.lines().zip(now.lines()) {
        assert_eq!(line, wanted, "UPDATE_DOCS=1 writes the table anew");
    }
    assert_eq!(docs.len(), now.len());
}

testkit::on_every_etcd!(the_table_is_that_of_the_docs);
