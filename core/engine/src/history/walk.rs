//! The database of a plan: what the full brings, and what the deltas add to it.

use std::collections::BTreeMap;
use std::path::Path;

use bolt::{BulkWriter, Db, ReadAt};
use etcd::schema::bucket;
use etcd::store_state::StoreState;
use jiff::Timestamp;
use snapstore::Key;

use super::apply::{Entries, Flow, Outcome, Replay};
use super::base_state::Base;
use super::leases::{self, LeaseCounts};
use super::output::Output;
use super::remarks::Remarks;
use super::verify_file::Wrong;
use super::warnings::ends_before;
use crate::backups::bounded::Bounded;
use crate::backups::content;
use crate::backups::delta::{HashCheck, ReadOptions, Times};
use crate::backups::fetch::{Deltas, Source, unreadable};
use crate::backups::full::{Ahead, BaseError, Reader};
use crate::backups::{Error, Plan, Reading, Result, Snapshot, Stop, full as base, previous, space};
use crate::error::Error as System;
use crate::progress::Event;
use crate::session::Session;

/// The page size of a database that begins with nothing, in bytes: that of Linux on most machines.
const PAGE_SIZE: u32 = 4096;

/// The buckets of a new etcd 3.5. Every version makes at its start what it misses.
const BUCKETS: [&[u8]; 10] = [
    bucket::ALARM,
    bucket::AUTH,
    bucket::AUTH_ROLES,
    bucket::AUTH_USERS,
    bucket::CLUSTER,
    bucket::KEY,
    bucket::LEASE,
    bucket::MEMBERS,
    bucket::MEMBERS_REMOVED,
    bucket::META,
];

/// One walk along a plan.
pub(crate) struct Walk<'a> {
    pub(crate) session: &'a Session,
    pub(crate) plan: &'a Plan,
    pub(crate) reading: Reading,
    pub(crate) file: &'a Output,
    /// The path of the file, for messages.
    pub(crate) path: &'a Path,
    pub(crate) remarks: &'a Remarks,
}

impl Walk<'_> {
    /// Fills the file with the database of the full, or an empty one. Where it stands then, and the
    /// deltas, of which the first are on their way since the full is: a store that is far away lets
    /// us wait once, not twice.
    pub(crate) fn base(&self) -> Result<(StoreState, Deltas)> {
        if self.reading.hash != HashCheck::Skipped {
            previous::check_order(self.plan)?;
        }
        let Some(full) = &self.plan.base else {
            let deltas = self.deltas();
            self.empty().map_err(|error| self.failed(error))?;
            let state = StoreState {
                revision: 1,
                ..StoreState::default()
            };
            return Ok((state, deltas));
        };
        let reader = Reader::start()?;
        let content = content::open(self.session, full, self.reading.hash);
        let deltas = self.deltas();
        space::check(self.session, full, self.path)?;
        let encoding = full.name.encoding;
        let content = reader.read(Bounded::new(encoding, content, space::room(self.path)));
        Ok((self.full(full, content)?, deltas))
    }

    fn full(&self, full: &Snapshot, content: Ahead) -> Result<StoreState> {
        let copied = base::copy(content, &mut &*self.file, self.reading.hash);
        self.session.go_on()?;
        let copied = copied.map_err(|error| match error {
            BaseError::Read(error) => unreadable(self.session, full, error),
            BaseError::Write(error) => self.written(System::io("write", self.path)(error)),
            BaseError::WrongHash(what) => Error::wrong_hash(full.key(), what),
        })?;
        if !copied.had_hash && self.reading.hash == HashCheck::WherePresent {
            let warning = format!(
                "{} does not end with a SHA-256, as what `etcdctl snapshot save` writes does: its structure is \
                 checked, but whether a value was changed cannot be known. A copy of a member's db lacks what \
                 only the member's WAL holds",
                full.key()
            );
            self.remarks.no_hash();
            self.warn(warning);
        }
        let db = Db::open(self.file).map_err(|error| self.failed(error))?;
        let state = StoreState::read(&db).map_err(|error| self.unreadable(error))?;
        // Ahead of its name a full may be, never after: etcd is asked for the revision first.
        if state.revision < full.name.last {
            let (named, real) = (full.name.last, state.revision);
            let what = format!("its name says revision {named}, but its database ends at {real}");
            return Err(Error::damaged(full.key(), what));
        }
        Ok(state)
    }

    fn empty(&self) -> Result<(), bolt::Error> {
        let mut writer = BulkWriter::create(self.file, PAGE_SIZE)?;
        for name in BUCKETS {
            writer.bucket(name)?;
        }
        writer.finish().map(drop)
    }

    fn deltas(&self) -> Deltas {
        let times = match self.plan.stop {
            Stop::Time(_) => Times::Parsed,
            Stop::End | Stop::Revision(_) => Times::Ignored,
        };
        let Reading {
            hash,
            leases,
            fetchers,
        } = self.reading;
        let options = ReadOptions {
            hash,
            leases,
            seed: self.session.seed,
            times,
        };
        let source = Source {
            session: self.session.clone(),
            options,
        };
        Deltas::new(source, &self.plan.deltas, fetchers)
    }

    /// Applies the deltas to what the file held when `db` was opened.
    pub(crate) fn replay<E: Entries>(
        &self,
        db: &Db<&Output>,
        state: &StoreState,
        mut deltas: Deltas,
        entries: &mut E,
    ) -> Result<Outcome, E::Error> {
        let base = Base {
            db,
            state,
            snapshot: self.plan.base.as_ref(),
            path: self.path,
        };
        let mut replay = Replay::new(self.session, base, self.plan, self.reading)?;
        let mut flow = Flow::On;
        while flow == Flow::On
            && let Some(mut stream) = deltas.next()?
        {
            flow = replay.delta(&mut stream, entries)?;
        }
        match (self.plan.stop, flow) {
            (Stop::Time(wanted), Flow::On) => self.tell_where_it_ends(wanted, &mut replay.outcome),
            (Stop::Time(_), Flow::Reached) => {
                // The first event is after that time: the state is the one of the full.
                let of_full = self.plan.base.as_ref();
                let made = of_full.and_then(|full| full.name.created_at());
                replay.outcome.written = replay.outcome.written.or(made);
            }
            _ => {}
        }
        match self.plan.stop {
            Stop::Revision(wanted) if replay.outcome.revision < wanted => {
                let (after, found) = (replay.outcome.revision, self.plan.deltas.last());
                Err(Error::Unreachable(format!(
                    "revision {wanted} cannot be restored: what the store holds ends at \
                     revision {after}{}",
                    found.map_or_else(String::new, |last| format!(", with {}", last.key()))
                ))
                .into())
            }
            // Nothing tells whether there was an etcd at all by then.
            Stop::Time(wanted) if self.plan.base.is_none() && replay.outcome.events == 0 => {
                Err(Error::Unreachable(format!(
                    "the state at {wanted} cannot be restored: the store holds no event from \
                     before that time"
                ))
                .into())
            }
            _ => Ok(replay.outcome),
        }
    }

    /// Every event was applied, and none was later than the time asked for. Unless the newest object was made
    /// after that time, nobody knows whether something was written in between.
    fn tell_where_it_ends(&self, wanted: Timestamp, outcome: &mut Outcome) {
        let newest = self.plan.objects().last();
        let made = newest.and_then(|object| object.name.created_at());
        outcome.written = outcome.written.or(made);
        let warning = ends_before(wanted, made, outcome.revision, outcome.written);
        warning.into_iter().for_each(|warning| self.warn(warning));
    }

    fn warn(&self, warning: String) {
        self.session.observer.event(Event::Warning(&warning));
        self.remarks.warn(warning);
    }

    /// Tells of what shows at the end only, and gives all that was told.
    pub(crate) fn warned(&self, at_the_end: Vec<String>) -> Vec<String> {
        at_the_end
            .into_iter()
            .for_each(|warning| self.warn(warning));
        self.remarks.warnings()
    }

    /// What it means that the post-write verification found something wrong. `pages` are those of the full.
    pub(crate) fn wrong(&self, wrong: Wrong, pages: u64) -> Error {
        match (wrong, &self.plan.base) {
            (Wrong::History(broken), _) => match self.object_of(broken.revision) {
                Some(object) => Error::damaged(object, broken.what),
                None => Error::Inconsistent(broken.what),
            },
            (Wrong::File { page, what }, Some(full)) if page.is_none_or(|page| page < pages) => {
                Error::damaged(full.key(), what)
            }
            (Wrong::File { what, .. }, _) => Error::Inconsistent(what),
            (Wrong::Unreadable(error), _) => self.unreadable(error),
        }
    }

    /// The delta that a revision came from.
    fn object_of(&self, revision: i64) -> Option<&Key> {
        let holds = |delta: &&Snapshot| (delta.name.first..=delta.name.last).contains(&revision);
        self.plan.deltas.iter().find(holds).map(Snapshot::key)
    }

    /// What it means that the file cannot be read or written: the disk, or what the full brought.
    pub(crate) fn failed(&self, error: bolt::Error) -> Error {
        self.unreadable(error.into())
    }

    /// How far it came is the least that is needed.
    fn written(&self, error: System) -> Error {
        error.after(self.file.length()).into()
    }

    /// The same of what etcd keeps in it. A disk that fails says nothing about the full.
    pub(crate) fn unreadable(&self, error: etcd::Error) -> Error {
        match (System::of_disk(self.path, error), &self.plan.base) {
            (Ok(disk), _) => self.written(disk),
            (Err(other), Some(full)) => Error::damaged(full.key(), other),
            (Err(other), None) => Error::Inconsistent(other.to_string()),
        }
    }

    /// The lease bucket of the result, and what it came to. `unknown_ttl` is in seconds.
    pub(crate) fn leases<R: ReadAt>(
        &self,
        db: &Db<R>,
        outcome: &Outcome,
        unknown_ttl: i64,
    ) -> Result<(leases::Bucket, LeaseCounts)> {
        let held = contents(db, bucket::LEASE).map_err(|error| self.failed(error))?;
        Ok(outcome.named.complete(held, unknown_ttl))
    }
}

/// All entries of a small bucket.
pub(crate) fn contents<R: ReadAt>(
    db: &Db<R>,
    name: &[u8],
) -> Result<BTreeMap<Vec<u8>, Vec<u8>>, bolt::Error> {
    let mut contents = BTreeMap::new();
    let Some(bucket) = db.bucket(name)? else {
        return Ok(contents);
    };
    let mut cursor = bucket.cursor();
    while let Some((key, value)) = cursor.next()? {
        contents.insert(key.to_vec(), value.to_vec());
    }
    Ok(contents)
}
