use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use testkit::backup::{Compression, Layout, Occasion, Store};
use testkit::etcd::{Etcd, Member, State, Watched};
use testkit::oracles::{self, Binary};

use super::copy;

/// The revision of the member when it was killed; everything up to here was acknowledged.
pub(crate) const AT: i64 = 100;

/// The directory of [`Ground::restore`].
pub(super) const RESTORED: &str = "restored";

/// Stores beside the member, and the revision that their backups lead to.
pub(crate) const STORES: [(&str, Option<i64>); 4] = [
    ("newer", Some(110)),
    ("equal", Some(AT)),
    ("older", Some(90)),
    ("none", None),
];

/// When an etcd writes its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Commits {
    /// Several times a second.
    Soon,
    /// Only for a snapshot.
    Never,
}

/// A member that was killed at revision [`AT`], and stores of its backups.
pub(crate) struct Ground {
    room: TempDir,
    pub(crate) binary: Binary,
    pub(crate) member: Member,
    /// What it served when it was killed.
    pub(crate) state: State,
    /// HashKV at the revisions of the stores.
    hashes: Vec<(i64, u32)>,
}

impl Ground {
    /// With a real etcd of `version`, whose database is up to date. It takes raft snapshots often, so
    /// that there are some.
    pub(crate) fn new(version: &str) -> Self {
        Self::with(version, Commits::Soon)
    }

    /// With one whose database stands at revision 60, and the rest in its log alone.
    pub(crate) fn lagging(version: &str) -> Self {
        Self::with(version, Commits::Never)
    }

    fn with(version: &str, commits: Commits) -> Self {
        let room = tempfile::tempdir().unwrap();
        let binary = oracles::etcd(version).unwrap();
        let member = Member::alone().unwrap();
        let live = room.path().join("live");
        let flags: &[&str] = match commits {
            Commits::Soon => &["--snapshot-count", "40"],
            Commits::Never => &[
                "--backend-batch-interval=1h",
                "--backend-batch-limit=1000000",
            ],
        };
        let flags: Vec<String> = flags.iter().copied().map(str::to_owned).collect();
        let mut etcd = Etcd::serving(&binary, &member, &live, &flags).unwrap();
        let mut store = Store::create(room.path().join("growing"), Layout::V2).unwrap();

        write(&etcd, 60);
        let mut database = Vec::new();
        etcd.snapshot(&mut database).unwrap();
        let compression = Compression::Gzip;
        store
            .full(60, &database, compression, Occasion::Regular)
            .unwrap();
        let shelf = room.path().join("stores");
        fs::create_dir_all(shelf.join("none/v2")).unwrap();
        let mut from = 61;
        for (name, to) in [("older", 90), ("equal", AT), ("newer", 110)] {
            write(&etcd, to);
            let Watched::Events(events) = etcd.watch(from, to).unwrap() else {
                panic!("compacted");
            };
            store.delta(&events, compression).unwrap();
            copy(store.root(), &shelf.join(name));
            if to == AT {
                // A snapshot is of what is committed, so it commits: the database does not lag.
                if commits == Commits::Soon {
                    etcd.snapshot(std::io::sink()).unwrap();
                }
                etcd.kill();
                copy_member(&live, &room.path().join("member"));
                etcd = etcd.restart().unwrap();
            }
            from = to + 1;
        }
        let state = etcd.state_at(AT).unwrap();
        let hashes = [60, 90, AT, 110];
        let hashes = hashes.map(|at| (at, etcd.hash_kv(at).unwrap().hash)).into();
        Self {
            room,
            binary,
            member,
            state,
            hashes,
        }
    }

    /// Restores the member from the older of its backups, beside it.
    pub(crate) fn restore(&self) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        command.env_clear().args(["restore", "--data-dir"]);
        command.arg(self.path().join(RESTORED));
        command.arg("--store-container").arg(self.store("older"));
        let done = command.args(self.member.flags()).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    pub(crate) fn path(&self) -> &Path {
        self.room.path()
    }

    /// The data directory as the killed etcd left it.
    pub(crate) fn base(&self) -> PathBuf {
        self.path().join("member")
    }

    pub(crate) fn store(&self, name: &str) -> PathBuf {
        self.path().join("stores").join(name)
    }

    /// What the source answers for HashKV at `revision`.
    pub(crate) fn hash(&self, revision: i64) -> u32 {
        let known = self.hashes.iter().find(|(at, _)| *at == revision);
        known.unwrap().1
    }
}

/// Puts and deletes, up to `revision`.
fn write(etcd: &Etcd, revision: i64) {
    let mut at = etcd.revision().unwrap();
    while at < revision {
        let (key, value) = (format!("key-{}", at % 17), format!("{at} ").repeat(60));
        at = etcd.put(key.as_bytes(), value.as_bytes()).unwrap();
    }
}

/// Copies a data directory, and cuts off the zeros that etcd has laid in front of its log: they
/// would be copied some hundred times.
fn copy_member(from: &Path, to: &Path) {
    copy(from, to);
    for entry in fs::read_dir(to.join("member/wal")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|suffix| suffix == "tmp") {
            fs::remove_file(path).unwrap();
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() as u64;
        let file = File::options().write(true).open(path).unwrap();
        file.set_len((end / 4096 + 2) * 4096).unwrap();
    }
}
