//! Writes that no object has and the log of a damaged member still holds go after the deltas.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use bolt::Db;
use etcd::fold::Change;
use etcd::mvcc::KeyValue;
use etcd::replay::{Refused, Salvage, Servers, Unreadable};
use etcd::revision::{Entry, Kind, Revision};
use etcd::schema::{auth, bucket};
use etcd::store_state::StoreState;
use etcd::wal::Log;
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::error::{Error, Result};
use crate::data_dir::{MemberLog, member_log};
use crate::history::apply::{Entries, Outcome};
use crate::history::key_index::Touch;
use crate::history::output::Output;

/// Changes that are listed one by one.
const LISTED: usize = 1000;

/// Which member's log is replayed.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its data directory.
    pub data_dir: PathBuf,
    /// What the member held at most, if that is known: objects that lead so far lack nothing, and
    /// then it does not matter what its log is.
    pub up_to: Option<i64>,
    /// Which etcd would have replayed it.
    pub servers: Servers,
    /// What it is replayed on.
    pub onto: Onto,
}

/// What a log is replayed on, and so how much of it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Onto {
    /// A backup: what is proven committed, where it is proven to follow.
    Backup,
    /// The database of the same member, which goes on alone: all of it.
    OwnDatabase,
}

/// What was salvaged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Salvaged {
    /// The first revision that no object has.
    pub first: i64,
    /// The last; before the first when the log holds nothing more.
    pub last: i64,
    /// Puts and deletes in them.
    pub changes: u64,
    /// Events of deltas that the log regenerated, all of them alike.
    pub checked: u64,
    /// The first thousand changes.
    pub listed: Vec<SalvagedChange>,
    /// Why entries at the end of the log were left out, if there are any.
    pub left_out: Option<String>,
}

/// A change that was salvaged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SalvagedChange {
    /// Its revision.
    pub revision: i64,
    /// "put" or "delete".
    pub kind: &'static str,
    /// The key; what cannot be printed is escaped.
    pub key: String,
}

/// The log in `data_dir`, from the newest snapshot on that is not after the full.
pub(crate) fn log(data_dir: &Path, full: &StoreState) -> Result<Log<File>, Refused> {
    let consistent_index = full.consistent_index;
    let start = match member_log(data_dir, consistent_index)? {
        MemberLog::From(log) => return Ok(*log),
        MemberLog::BeginsLater { start } => start,
        MemberLog::Absent => 0,
    };
    Err(Refused::Apart(Unreadable::LogBeginsLater {
        consistent_index,
        start,
    }))
}

/// The log of the old member, replayed on the full.
pub(crate) type LogReplay<'a, 'o> = Salvage<'a, &'o Output, File>;

/// Entries are checked against what the log regenerates before they are written.
pub(crate) struct Checked<'a, 'o, E> {
    entries: E,
    /// Or why nothing of it is believed; `None` when nobody asked.
    replayed: Option<Result<LogReplay<'a, 'o>, Refused>>,
    /// What is torn off at the end of the log.
    torn: Option<String>,
    events: u64,
}

impl<'a, 'o, E: Entries<Error = Error>> Checked<'a, 'o, E> {
    pub(crate) fn new(
        entries: E,
        full: &'a Db<&'o Output>,
        log: Option<Result<(&'a Log<File>, &Source), Refused>>,
    ) -> Self {
        let begin = |(log, source): (&'a Log<File>, &Source)| match source.onto {
            Onto::Backup => Salvage::begin(full, log, source.servers),
            Onto::OwnDatabase => Salvage::of_itself(full, log, source.servers),
        };
        let whole = log.as_ref().and_then(|log| log.as_ref().ok());
        let torn = whole.and_then(|(log, _)| log.torn().map(ToString::to_string));
        Self {
            torn,
            entries,
            replayed: log.map(|log| log.and_then(begin)),
            events: 0,
        }
    }

    fn check(&mut self, key: &[u8], value: &[u8]) -> Result<(), Refused> {
        if let Some(Ok(replayed)) = &mut self.replayed {
            let malformed = |malformed: etcd::Malformed| malformed.in_bucket(b"key", key);
            let entry = Entry::parse(key).map_err(malformed)?;
            let kv = KeyValue::decode(value).map_err(malformed)?;
            if entry.revision.main <= replayed.revision() {
                replayed.check(entry, &kv)?;
                self.events += 1;
            }
        }
        Ok(())
    }

    /// Writes what the log holds after the last delta. `up_to`: see [`Source`]; `auth_revision`: that of
    /// the full.
    pub(crate) fn finish(
        mut self,
        outcome: &mut Outcome,
        up_to: Option<i64>,
        (auth_revision, seed): (u64, u64),
    ) -> Result<(E, Option<(LogReplay<'a, 'o>, Salvaged)>)> {
        // Users are in no delta, however far those lead.
        let changes_users = match &self.replayed {
            Some(Ok(replayed)) => replayed.state().auth().revision() != auth_revision,
            _ => false,
        };
        let needless = !changes_users && up_to.is_some_and(|up_to| outcome.revision >= up_to);
        let replayed = match self.replayed {
            Some(replayed) if !needless => replayed?,
            _ => return Ok((self.entries, None)),
        };
        let delivered = outcome.revision;
        let mut salvaged = Salvaged {
            first: delivered.saturating_add(1),
            last: delivered,
            changes: 0,
            checked: self.events,
            listed: Vec::new(),
            left_out: replayed.unproven().map(str::to_owned).or(self.torn),
        };
        // The walk over the log has errors of its own, and goes on after one of ours.
        let mut failed = None;
        salvaged.changes = replayed.beyond(delivered, |entry, value| {
            if failed.is_none() {
                let written = write(
                    &mut self.entries,
                    outcome,
                    &mut salvaged,
                    entry,
                    value,
                    seed,
                );
                failed = written.err();
            }
            Ok(())
        })?;
        match failed {
            Some(error) => Err(error),
            None => Ok((self.entries, Some((replayed, salvaged)))),
        }
    }
}

impl<E: Entries<Error = Error>> Entries for Checked<'_, '_, E> {
    type Error = Error;

    fn push(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        if let Err(refused) = self.check(key, value) {
            // Whether it matters shows at the end of the deltas.
            self.replayed = Some(Err(refused));
        }
        self.entries.push(key, value)
    }
}

fn write(
    entries: &mut impl Entries<Error = Error>,
    outcome: &mut Outcome,
    salvaged: &mut Salvaged,
    entry: Entry,
    value: &[u8],
    seed: u64,
) -> Result<()> {
    let key = entry.to_bytes();
    let malformed = |malformed: etcd::Malformed| {
        Error::NotSalvaged(Refused::Failed(malformed.in_bucket(b"key", &key)))
    };
    let kv = KeyValue::decode(value).map_err(malformed)?;
    let (kind, change) = match entry.kind {
        Kind::Put => (
            "put",
            Change::Put {
                create_revision: kv.create_revision,
                version: kv.version,
            },
        ),
        Kind::Tombstone => ("delete", Change::Delete),
    };
    let Revision { main: revision, .. } = entry.revision;
    let touched = outcome.index.touch(Touch {
        key: xxh3_128_with_seed(kv.key, seed),
        revision,
        change,
    });
    touched.map_err(|broken| Error::FailedCheck(broken.what))?;
    outcome.hash(&key);
    outcome.hash(value);
    entries.push(&key, value)?;
    (outcome.revision, salvaged.last) = (revision, revision);
    if salvaged.listed.len() < LISTED {
        salvaged.listed.push(SalvagedChange {
            revision,
            kind,
            key: kv.key.escape_ascii().to_string(),
        });
    }
    Ok(())
}

type Bucket = BTreeMap<Vec<u8>, Vec<u8>>;

/// The leases that there are at the end of the log. Those revoked since the full are not: a key that
/// named one would be there again.
pub(crate) fn leases(replayed: &LogReplay<'_, '_>) -> Bucket {
    let leases = replayed.state().leases();
    leases
        .map(|lease| (lease.key().to_vec(), lease.to_bytes()))
        .collect()
}

/// Users and roles as the log leaves them.
pub(crate) struct Users {
    /// The buckets that hold them.
    pub(crate) buckets: Vec<(&'static [u8], Bucket)>,
    revisions: (u64, u64),
}

impl Users {
    /// What was done, for an operator.
    pub(crate) fn told(&self) -> String {
        let (before, after) = self.revisions;
        format!(
            "users and roles were salvaged too: the log changes them, from auth revision {before} in the \
             full snapshot to {after}"
        )
    }
}

/// Those at the end of the log, where it changes them. No delta tells of them, and the log that was proven
/// to go on where the full stands tells all.
pub(crate) fn users(replayed: &LogReplay<'_, '_>, before: u64) -> Option<Users> {
    let auth_store = replayed.state().auth();
    if auth_store.revision() == before {
        return None;
    }
    let users = auth_store
        .users()
        .map(|user| (user.name.clone(), user.to_bytes()));
    let roles = auth_store
        .roles()
        .map(|role| (role.name.clone(), role.to_bytes()));
    // server/storage/schema/auth.go
    let marks = [
        (
            auth::ENABLED.to_vec(),
            vec![u8::from(auth_store.is_enabled())],
        ),
        (
            auth::REVISION.to_vec(),
            auth_store.revision().to_be_bytes().to_vec(),
        ),
    ];
    Some(Users {
        buckets: vec![
            (bucket::AUTH, marks.into_iter().collect()),
            (bucket::AUTH_USERS, users.collect()),
            (bucket::AUTH_ROLES, roles.collect()),
        ],
        revisions: (before, auth_store.revision()),
    })
}
