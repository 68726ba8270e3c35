//! Does what the machine says.

use std::sync::Arc;

use client::Large;
use sha2::{Digest, Sha256};

use super::asking::Known;
use super::beside::Changes;
use super::driver::Driver;
use super::error::Result;
use super::fulls::{self, TakingFull};
use super::notice::Notice;
use super::parting::{Left, begun};
use super::report::Dropped;
use super::said::Said;
use super::settings::Task;
use super::watching::Watching;
use crate::backups::metadata::{Lineage, Missing};
use crate::backups::{Encoding, Kind, SnapshotName, storing};
use crate::snapshot::deltas::{Gatherer, Witness};
use crate::snapshot::error as snapshot;
use crate::snapshot::full::Request;
use crate::snapshot::machine::{Base, Effect, Ending, Input};
use crate::snapshot::stored_delta::{ClosedDelta, store};

impl Driver<'_> {
    pub(super) fn perform_all(&mut self, effects: Vec<Effect>) -> Result<()> {
        for effect in effects {
            self.perform(effect)?;
        }
        Ok(())
    }

    fn perform(&mut self, effect: Effect) -> Result<()> {
        match effect {
            Effect::AskHead => {
                let asking = self.asking();
                let of_another = self.history.witnesses.iter().cloned().collect();
                let head = self.jobs.start(|answers| asking.head(of_another, answers));
                self.way.asking = Some(head);
            }
            Effect::Probe { least } => {
                let (witness, log) = (self.newest_witness(), self.history.log);
                let (asking, known) = (self.asking(), Known { witness, log });
                let probe = self
                    .jobs
                    .start(|answers| asking.probe(known, least, answers));
                self.way.asking = Some(probe);
            }
            Effect::Watch { from } => {
                self.watch(from, Large::Cut);
            }
            Effect::Unwatch => {
                (self.way.watch, self.way.leases) = (None, None);
                self.listener.notice(&Notice::Unwatched);
            }
            Effect::Cut { first, last } => self.cut(first, last)?,
            Effect::Send { .. } => self.send(),
            Effect::DropDeltas => {
                self.closed.clear();
                self.gatherer.drop_open();
                self.way.delta = None;
            }
            Effect::DropClosed => {
                self.closed.clear();
                self.way.delta = None;
            }
            Effect::DropOpen { .. } => self.gatherer.drop_open(),
            Effect::Full { revision, base } => self.take_full(revision, base),
            Effect::AbandonFull => {
                self.way.full = self.way.full.take().map(TakingFull::give_up);
                self.listener.notice(&Notice::FullAbandoned);
            }
            Effect::Hole { first, last } => {
                self.history.gap = Some(Missing { first, last });
                self.listener.notice(&Notice::Hole { first, last });
            }
            Effect::NewLineage => self.begin_lineage(),
            Effect::End(ending) => self.end(ending),
        }
        Ok(())
    }

    /// Watches from there on, instead of what was watched.
    pub(super) fn watch(&mut self, from: i64, large: Large) {
        self.gatherer.watch_from(from);
        (self.way.leases, self.way.hole) = (None, None);
        if self.way.watch.take().is_some() {
            self.listener.notice(&Notice::Unwatched);
        }
        self.way.watch = Some(Watching::start(self.etcd.clone(), from, large));
    }

    /// The newest event that is known.
    fn newest_witness(&self) -> Option<Witness> {
        let known = [self.history.witness.as_ref(), self.gatherer.witness()];
        let known = known.into_iter().flatten();
        known.max_by_key(|witness| witness.mod_revision).cloned()
    }

    /// Closes the open delta under the name that it keeps.
    fn cut(&mut self, first: i64, last: i64) -> Result<()> {
        let content = self.gatherer.cut().map_err(storing::Error::Encode)?;
        let Some(content) = content else {
            let why = format!("no events were written from {first} to {last}; please report this");
            return Err(storing::Error::Name(why).into());
        };
        let created = self.stamp(0);
        let name = SnapshotName {
            kind: Kind::Delta,
            first,
            last,
            created,
            encoding: Encoding::written(self.settings.compression, &self.session.keys),
            is_final: false,
        };
        let witness = self.gatherer.witness().cloned();
        let mut delta = ClosedDelta::new(name, content, witness);
        if self.session.keys.encrypts() {
            let with = self.session.keys.go_on().map_err(storing::Error::Encrypt)?;
            delta = delta.encrypted(with).map_err(storing::Error::Encrypt)?;
        }
        let bytes = delta.object.len() as u64;
        self.closed.push_back(delta);
        self.inputs.push_back(Input::Closed { bytes });
        Ok(())
    }

    /// A time for a name: at least `after` seconds after the last one, also when the clock goes back.
    fn stamp(&mut self, after: i64) -> i64 {
        let now = (self.settings.now)().as_second();
        let created = now.max(self.history.created.saturating_add(after));
        self.history.created = created;
        created
    }

    fn send(&mut self) {
        let Some(delta) = self.closed.front().cloned() else {
            return;
        };
        self.listener.notice(&Notice::DeltaSent);
        let session = self.session.clone();
        let (arrival, fence) = (self.settings.arrival, self.fence.clone());
        let ends = self.history.ends.clone();
        let job = self.jobs.ask(async move {
            match fulls::may_write(fence.as_ref()).await {
                Ok(true) => {}
                Ok(false) => return Said::Deposed,
                Err(error) => return Said::Delta(Err(error)),
            }
            if let Some(ends) = ends {
                match ends.lost(&*session.store).await {
                    Ok(None) => {}
                    Ok(Some(lost)) => return Said::ContinuesNothing(ends, lost),
                    Err(error) => return Said::Delta(Err(snapshot::Error::Chain(error))),
                }
            }
            let to = (&*session.store, &*session.keys);
            Said::Delta(store(to, &*session.clock, &delta, arrival).await)
        });
        self.way.delta = Some(job);
    }

    fn take_full(&mut self, revision: i64, base: Base) {
        // One second later than the delta that ends there: equal times are sorted by chance.
        let created = self.stamp(1);
        let request = Request {
            revision,
            created,
            is_final: self.begin_asked_full()
                || self.settings.task == Task::Full { is_final: true },
            compression: self.settings.compression,
            level: self.settings.level,
            threads: self.settings.threads,
            sending: self.settings.sending,
            stall: self.settings.stall,
            arrival: self.settings.arrival,
        };
        let etcd = Arc::clone(&self.etcd);
        let (within, turn) = (self.settings.full_within, self.settings.turn.clone());
        let limits = (self.fence.clone(), within, turn);
        let full = fulls::start(&mut self.jobs, self.session, etcd, (request, base), limits);
        self.way.full = Some(full);
        self.listener.notice(&Notice::FullBegan { revision, base });
    }

    /// Nothing of the history so far counts any more.
    fn begin_lineage(&mut self) {
        let head = self.history.asked.revision;
        let left = self.history.lineage.take();
        let is_stored = self.history.previous.is_some();
        let left = left.map(|lineage| match is_stored {
            true => Left::Stored {
                lineage,
                reached: self.history.reached,
                shared: self.history.shared,
            },
            false => Left::Unstored(lineage),
        });
        let Lineage { id, parent } = begun(left, head, self.new_id());
        self.listener.notice(&Notice::NewLineage {
            lineage: &id,
            left: parent.as_ref().map(|left| left.id.as_str()),
            head,
        });
        self.report.lineage = Some(id.clone());
        self.history.lineage = Some(Lineage { id, parent });
        (self.history.witness, self.history.previous) = (None, None);
        self.history.ends = None;
        self.history.witnesses.clear();
        self.history.log = None;
        // Its first full holds what is seen now, and what the other one had is no change of it.
        self.history.noted = self.history.beside.clone();
        self.timing.changes = Changes::default();
        self.gatherer = Gatherer::new(self.settings.compression, self.settings.level, 1);
    }

    /// An id that no other lineage has.
    pub(super) fn new_id(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.session.seed.to_le_bytes());
        let header = &self.history.asked;
        let now = (self.settings.now)().as_nanosecond();
        hasher.update(format!("{} {} {now}", header.cluster_id, header.revision));
        let mut id = hex::encode(hasher.finalize());
        id.truncate(16);
        id
    }

    fn end(&mut self, ending: Ending) {
        self.task.ended = true;
        match ending {
            Ending::Stored => {}
            Ending::Dropped { first, last } => {
                self.report.dropped = Some(Dropped { first, last });
            }
            Ending::Deposed => self.task.deposed = true,
        }
    }
}
