//! Events, in order, become entries of etcd's key bucket.

use bolt::ReadAt;
use etcd::fold::Change;
use etcd::revision::{Kind, Revision};
use jiff::Timestamp;

use super::base_state::Base;
use super::key_index::{Broken, Index, Touch};
use super::leases::Named;
use super::overlap::{Overlaps, RevisionHash};
use crate::backups::delta::{Batch, DecodedEvent, HashCheck, LeasePolicy};
use crate::backups::fetch::DeltaStream;
use crate::backups::{Error, Plan, Reading, Result, Snapshot, Stop};
use crate::progress::Event;
use crate::session::Session;

/// Where entries go.
pub(crate) trait Entries {
    /// That of the verb.
    type Error: From<Error>;

    /// The next entry of the key bucket.
    fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), Self::Error>;
}

/// The state of the store while events are applied.
pub(crate) struct Replay<'a, R> {
    session: &'a Session,
    base: Base<'a, R>,
    stop: Stop,
    hash: HashCheck,
    leases: LeasePolicy,
    overlaps: Overlaps,
    /// What has come of applying so far.
    pub(crate) outcome: Outcome,
}

/// What the events amounted to.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The store stands at this revision.
    pub(crate) revision: i64,
    /// When the last event was written that was applied; `None` for none, or where times are not parsed.
    pub(crate) written: Option<Timestamp>,
    /// Deltas of which something is in the result, applied or repeated: the first of the plan, so many.
    pub(crate) used: usize,
    /// Events written.
    pub(crate) events: u64,
    /// Events passed over since they were there already.
    pub(crate) repeated: u64,
    /// CRC-32C of all entries written, keys and values, in order.
    pub(crate) crc: u32,
    /// How many bytes that is over.
    pub(crate) bytes: u64,
    /// Every key that an event touched.
    pub(crate) index: Index,
    /// Every lease that a value written names.
    pub(crate) named: Named,
}

impl Outcome {
    /// HashKV of the whole, given that of the base: nothing that events wrote is compacted.
    pub(crate) fn hash_with_base(&self, base: u32) -> u32 {
        let bytes = usize::try_from(self.bytes).unwrap_or(usize::MAX);
        crc32c::crc32c_combine(base, self.crc, bytes)
    }

    /// Notes entries that are written: keys and values, one after another.
    pub(crate) fn hash(&mut self, rows: &[u8]) {
        self.crc = crc32c::crc32c_append(self.crc, rows);
        self.bytes += rows.len() as u64;
    }
}

/// Where the events at hand come from.
struct Place<'a> {
    batch: &'a Batch,
    stream: &'a DeltaStream,
    /// The store stood here when the delta began: revisions up to it are all there.
    whole: i64,
}

/// Events whose keys are looked up together.
const AT_ONCE: usize = 64;

/// Whether to go on with the next delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// More may be wanted.
    On,
    /// What was asked for is reached.
    Reached,
}

impl<'a, R: ReadAt> Replay<'a, R> {
    pub(crate) fn new(
        session: &'a Session,
        base: Base<'a, R>,
        plan: &Plan,
        reading: Reading,
    ) -> Result<Self> {
        let revision = base.state.revision;
        if let (Stop::Revision(wanted), Some(full)) = (plan.stop, base.snapshot)
            && revision > wanted
        {
            return Err(ahead(full, revision));
        }
        let outcome = Outcome {
            revision,
            written: None,
            used: 0,
            events: 0,
            repeated: 0,
            crc: 0,
            bytes: 0,
            index: Index::new(),
            named: Named::default(),
        };
        let overlaps = Overlaps::of(&plan.deltas);
        Ok(Self {
            session,
            base,
            stop: plan.stop,
            hash: reading.hash,
            leases: reading.leases,
            overlaps,
            outcome,
        })
    }

    /// Applies one delta.
    pub(crate) fn delta<E: Entries>(
        &mut self,
        stream: &mut DeltaStream,
        entries: &mut E,
    ) -> Result<Flow, E::Error> {
        // Revisions are never split between deltas: up to here all are whole.
        let (whole, events) = (self.outcome.revision, self.outcome.events);
        let mut hashing = Hashing::default();
        while let Some(batch) = stream.next()? {
            self.session.go_on().map_err(Error::from)?;
            let at = Place {
                batch: &batch,
                stream,
                whole,
            };
            let flow = self.batch(&at, &mut hashing, entries)?;
            stream.done(batch);
            if flow == Flow::Reached {
                self.check_rest_of_hash(stream)?;
                self.outcome.used += usize::from(self.outcome.events > events);
                return Ok(Flow::Reached);
            }
            let reached = Event::Reached(self.outcome.revision);
            self.session.observer.event(reached);
        }
        self.finish(&mut hashing, whole, stream)?;
        self.outcome.used += 1;
        Ok(Flow::On)
    }

    /// Reads the rest of a delta of which only the first events were wanted: its hash stands at its
    /// end, and what was applied is not to be believed before that was found right.
    fn check_rest_of_hash(&self, stream: &mut DeltaStream) -> Result<()> {
        if self.hash == HashCheck::Skipped {
            return Ok(());
        }
        while let Some(batch) = stream.next()? {
            self.session.go_on()?;
            stream.done(batch);
        }
        Ok(())
    }

    fn batch<E: Entries>(
        &mut self,
        at: &Place<'_>,
        hashing: &mut Hashing,
        entries: &mut E,
    ) -> Result<Flow, E::Error> {
        let before = self.outcome.events;
        let mut flow = Flow::On;
        let mut seen = 0;
        'batch: for events in at.batch.events().chunks(AT_ONCE) {
            let keys = events.iter().map(|event| event.key_hash);
            self.outcome.index.warm(keys);
            for event in events {
                flow = self.event(at, event, hashing, entries)?;
                if flow == Flow::Reached {
                    break 'batch;
                }
                seen += 1;
            }
        }
        // Those applied are the last ones seen: only the beginning of a delta can be repeated.
        let applied = usize::try_from(self.outcome.events - before).unwrap_or(0);
        if applied > 0 {
            self.outcome.hash(at.batch.rows(seen - applied, seen - 1));
        }
        Ok(flow)
    }

    fn event<E: Entries>(
        &mut self,
        at: &Place<'_>,
        event: &DecodedEvent,
        hashing: &mut Hashing,
        entries: &mut E,
    ) -> Result<Flow, E::Error> {
        let revision = event.entry.revision.main;
        if hashing.revision != revision {
            self.finish(hashing, at.whole, at.stream)?;
            *hashing = Hashing {
                revision,
                ..Hashing::default()
            };
        }
        hashing.sub = event.entry.revision.sub;
        if self.overlaps.concerns(revision) {
            hashing.hash.add(at.batch.entry(event));
            hashing.wanted = true;
        }
        if revision <= at.whole {
            self.again(at, event)?;
        } else if self.is_after_target(event) {
            self.finish(hashing, at.whole, at.stream)?;
            return Ok(Flow::Reached);
        } else {
            self.apply(at, event, entries)?;
        }
        Ok(Flow::On)
    }

    /// Whether the event comes after the target. Checked at the first event of a revision, so that revisions are whole.
    fn is_after_target(&self, event: &DecodedEvent) -> bool {
        let revision = event.entry.revision.main;
        revision > self.outcome.revision
            && match self.stop {
                Stop::End => false,
                Stop::Revision(last) => revision > last,
                Stop::Time(last) => i128::from(event.time) > last.as_nanosecond(),
            }
    }

    fn apply<E: Entries>(
        &mut self,
        at: &Place<'_>,
        event: &DecodedEvent,
        entries: &mut E,
    ) -> Result<(), E::Error> {
        let Place { batch, stream, .. } = *at;
        let revision = event.entry.revision.main;
        if revision > self.outcome.revision.saturating_add(1) {
            let (after, object) = (self.outcome.revision, stream.snapshot.key().clone());
            return Err(Error::Gap {
                after,
                before: revision,
                object,
            }
            .into());
        }
        let change = match event.entry.kind {
            Kind::Put => Change::Put {
                create_revision: event.create_revision,
                version: event.version,
            },
            Kind::Tombstone => Change::Delete,
        };
        let touch = Touch {
            key: event.key_hash,
            revision,
            change,
        };
        self.outcome
            .index
            .touch(touch)
            .map_err(|broken| wrong_key(&stream.snapshot, batch, event, &broken))?;
        self.outcome.named.add(event.lease, event.lease_ttl);
        let (key, value) = batch.entry(event);
        entries.push(key, value)?;
        self.outcome.revision = revision;
        self.outcome.events += 1;
        if matches!(self.stop, Stop::Time(_)) {
            self.outcome.written = Timestamp::from_nanosecond(event.time.into()).ok();
        }
        Ok(())
    }

    /// An event of a revision that is there already: equal, or the store mixes histories.
    fn again(&mut self, at: &Place<'_>, event: &DecodedEvent) -> Result<()> {
        let Place { batch, stream, .. } = *at;
        self.outcome.repeated += 1;
        let revision = event.entry.revision.main;
        let Some(full) = self
            .base
            .snapshot
            .filter(|_| revision <= self.base.state.revision)
        else {
            return Ok(());
        };
        if let Stop::Time(wanted) = self.stop
            && i128::from(event.time) > wanted.as_nanosecond()
        {
            return Err(ahead(full, self.base.state.revision));
        }
        if self.base.compacted(revision) {
            return Ok(());
        }
        if self.base.agrees(full, batch, event, self.leases)? {
            return Ok(());
        }
        let (object, other) = (stream.snapshot.key().clone(), full.key().clone());
        Err(Error::Diverged {
            object,
            other,
            revision,
        })
    }

    /// The last event of a revision was seen.
    fn finish(&mut self, hashing: &mut Hashing, whole: i64, stream: &DeltaStream) -> Result<()> {
        let last = Revision::new(hashing.revision, hashing.sub);
        if let Some(full) = self.base.snapshot.filter(|_| hashing.revision <= whole)
            && self.base.goes_on_after(full, last)?
        {
            return Err(Error::Diverged {
                object: stream.snapshot.key().clone(),
                other: full.key().clone(),
                revision: last.main,
            });
        }
        if !std::mem::take(&mut hashing.wanted) {
            return Ok(());
        }
        let (revision, hash) = (hashing.revision, hashing.hash.value());
        if revision > whole {
            self.overlaps.applied(revision, hash, stream.number);
        } else if let Some(other) = self.overlaps.differs(revision, hash) {
            let object = stream.snapshot.key().clone();
            return Err(Error::Diverged {
                object,
                other: other.clone(),
                revision,
            });
        }
        Ok(())
    }
}

/// The events of the revision at hand, hashed where another delta holds it too.
#[derive(Default)]
struct Hashing {
    revision: i64,
    /// The place of the last one within the revision.
    sub: i64,
    hash: RevisionHash,
    wanted: bool,
}

fn ahead(full: &Snapshot, revision: i64) -> Error {
    Error::Ahead {
        object: full.key().clone(),
        revision,
        named: full.name.last,
    }
}

fn wrong_key(snapshot: &Snapshot, batch: &Batch, event: &DecodedEvent, broken: &Broken) -> Error {
    let key = batch.key(event).escape_ascii();
    Error::damaged(
        snapshot.key(),
        format!("the key \"{key}\": {}", broken.what),
    )
}
