use std::fs::File;
use std::io;
use std::path::Path;

use bolt::{Db, Visitor};
use etcd::data_dir::DB;
use etcd::membership::StoredMember;
use etcd::replay::Servers;
use etcd::store_state::{StoreState, downgrade, members};

use super::beginning::Beginning;
use super::facts::Part;
use super::read_ahead::read_ahead;

/// What was seen of the database.
pub(super) struct Database {
    pub(super) part: Part,
    /// Open, with where it stands, as far as its newest pages can be read.
    pub(super) open: Option<Open>,
    /// There is no byte of it.
    pub(super) is_empty: bool,
}

pub(super) struct Open {
    pub(super) db: Db<File>,
    pub(super) state: StoreState,
    pub(super) members: Vec<StoredMember>,
    /// The version that the cluster is being downgraded to.
    pub(super) downgrade: Option<String>,
}

impl Open {
    /// From which snapshot the etcd goes on that will start.
    pub(super) fn beginning(&self, servers: Servers) -> Beginning {
        let (version, downgrade) = (&self.state.cluster_version, &self.downgrade);
        match servers.go_on_from_records(version.as_deref(), downgrade.as_deref()) {
            true => Beginning::Record,
            false => Beginning::File,
        }
    }
}

/// Opens the database and reads where it stands: a handful of pages.
pub(super) fn open(data_dir: &Path) -> Database {
    let file = match File::open(data_dir.join(DB)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Database {
                is_empty: true,
                ..closed(Part::Damaged(format!("{DB} is missing")))
            };
        }
        Err(error) => return closed(Part::Unreadable(format!("cannot open {DB}: {error}"))),
    };
    let is_empty = file.metadata().is_ok_and(|file| file.len() == 0);
    let read = || -> Result<Open, etcd::Error> {
        let db = Db::open(file)?;
        let state = StoreState::read(&db)?;
        let (members, downgrade) = (members(&db)?, downgrade(&db)?);
        Ok(Open {
            db,
            state,
            members,
            downgrade,
        })
    };
    match read() {
        Ok(open) => Database {
            part: Part::Fine,
            open: Some(open),
            is_empty,
        },
        Err(error) => Database {
            is_empty,
            ..closed(failure(&error))
        },
    }
}

fn closed(part: Part) -> Database {
    Database {
        part,
        open: None,
        is_empty: false,
    }
}

/// Damage, or a disk that does not answer.
pub(super) fn failure(error: &etcd::Error) -> Part {
    match error {
        etcd::Error::Bolt(bolt::Error::Io { .. }) | etcd::Error::Read { .. } => {
            Part::Unreadable(format!("{DB}: {error}"))
        }
        _ => Part::Damaged(format!("{DB}: {error}")),
    }
}

/// Reads every page: the tree as `bbolt check` does, and each record as etcd does at its start, where
/// it dies of one that it cannot read.
pub(super) fn check(data_dir: &Path, open: &Open) -> Part {
    let mut records = Records::default();
    let mut report = read_ahead(&data_dir.join(DB), || bolt::check(&open.db, &mut records));
    if let Some(error) = report.take_io_failure() {
        return failure(&error.into());
    }
    if let Some(finding) = report.findings.first() {
        let others = report.findings.len() as u64 - 1 + report.more;
        let others = match others {
            0 => String::new(),
            count => format!(" (and {count} more findings)"),
        };
        return Part::Damaged(format!("{DB}: {finding}{others}"));
    }
    match records.malformed {
        Some(what) => Part::Damaged(format!("{DB}: {what}")),
        None => Part::Fine,
    }
}

/// Whether each record can be read.
#[derive(Default)]
pub(super) struct Records {
    /// The first that cannot.
    pub(super) malformed: Option<String>,
}

impl Visitor for Records {
    fn bucket(&mut self, _name: &[u8]) {}

    fn item(&mut self, name: &[u8], key: &[u8], value: &[u8]) {
        if self.malformed.is_some() {
            return;
        }
        if let Err(malformed) = etcd::record::check(name, key, value) {
            self.malformed = Some(malformed.in_bucket(name, key).to_string());
        }
    }
}
