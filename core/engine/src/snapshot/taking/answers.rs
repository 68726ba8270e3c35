//! Takes what errands and watches say.

use super::beside::{Looked, change, merge};
use super::chain_there::ChainEnds;
use super::driver::{Driver, History};
use super::error::{Error, Result};
use super::leases;
use super::notice::Notice;
use super::raft_log::LogMark;
use super::report::Taken;
use super::said::{Said, Watched};
use super::settings::Task;
use crate::backups::metadata::Previous;
use crate::backups::storing::{self, Proof, key_of};
use crate::snapshot::deltas::{Gathered, Generation, Witness};
use crate::snapshot::description::{Surroundings, of_delta, of_full};
use crate::snapshot::error as snapshot;
use crate::snapshot::full::TakenFull;
use crate::snapshot::machine::{Failure, Input, Probed, WatchEnd};

/// How long events wait for the times of leases.
const LEASES_WITHIN: std::time::Duration = std::time::Duration::from_secs(1);

/// How often it is said that etcd refuses what is asked.
const REFUSED_EVERY: std::time::Duration = std::time::Duration::from_secs(60);

impl Driver<'_> {
    /// What an errand says, if anybody still waits for it.
    pub(super) fn take_answer(&mut self, errand: u64, said: Said) -> Result<()> {
        let is = |way: &Option<super::errand::Errand>| way.as_ref().is_some_and(|e| e.is(errand));
        let is_wanted = match &said {
            Said::Head { .. } | Said::Probed(_) | Said::NoAnswer(_) => is(&self.way.asking),
            Said::FullOpened(_) | Said::Full(_) => {
                let full = self.way.full.as_ref();
                full.is_some_and(|full| full.errand.is(errand))
            }
            Said::Delta(_) | Said::ContinuesNothing(..) => is(&self.way.delta),
            Said::Checked { .. } => is(&self.way.checking),
            // Whoever has asked.
            Said::Deposed => true,
            Said::Leases(_) => is(&self.way.leases),
            Said::Looked(_) => is(&self.way.looking),
        };
        match is_wanted {
            true => self.take(said),
            false => Ok(()),
        }
    }

    fn take(&mut self, said: Said) -> Result<()> {
        match said {
            Said::Head { head, shared } => {
                self.answered();
                (self.history.asked, self.history.shared) = (head, shared);
                self.tell(Input::Head(head.revision))
            }
            Said::Probed(probed) => {
                self.answered();
                if let Probed::Same { head } | Probed::GoesOn { head } = probed {
                    self.history.asked.revision = head;
                    self.continues(probed);
                }
                self.tell(Input::Probed(probed))
            }
            Said::NoAnswer(error) => self.no_answer(error),
            Said::FullOpened(opened) => self.tell(Input::FullOpened(opened.head.revision)),
            Said::Full(Ok(full)) => self.full_taken(&full),
            Said::Full(Err(error)) => {
                self.way.full = None;
                self.listener.notice(&Notice::FullFailed(&error));
                let failure = self.failed(error)?;
                self.tell(Input::FullFailed(failure))
            }
            Said::Delta(stored) => self.delta_done(stored),
            Said::ContinuesNothing(ends, lost) => self.delta_continues_nothing(&ends, lost),
            Said::Checked { ends, lost } => self.checked(&ends, lost),
            Said::Deposed => self.tell(Input::Deposed),
            Said::Leases(answers) => {
                self.way.leases = None;
                self.leases.learn(answers);
                self.write_events()
            }
            Said::Looked(looked) => {
                self.way.looking = None;
                self.looked(looked);
                Ok(())
            }
        }
    }

    /// What no event carries, as it is now.
    pub(super) fn looked(&mut self, looked: Looked) {
        self.is_refused(looked.refused);
        self.history.version = looked.version.or(self.history.version.take());
        if let Some(what) = change(&self.history.noted, &looked.beside) {
            self.timing.changes.seen();
            self.listener.notice(&Notice::Changed { what });
        }
        let History { beside, noted, .. } = &mut self.history;
        *beside = merge(std::mem::take(beside), looked.beside);
        *noted = merge(std::mem::take(noted), beside.clone());
        self.heard_head(looked.head);
    }

    /// Users are checked, and this snapshotter is none of those who may ask: said once a minute.
    fn is_refused(&mut self, refused: Option<client::Error>) {
        let now = self.now();
        let Some(error) = refused else {
            self.timing.refused = None;
            return;
        };
        if self
            .timing
            .refused
            .is_none_or(|told| now.saturating_sub(told) >= REFUSED_EVERY)
        {
            self.timing.refused = Some(now);
            self.listener.notice(&Notice::Refused(&error));
        }
    }

    fn answered(&mut self) {
        self.way.asking = None;
        self.task.has_answered = true;
    }

    /// A history that nobody has named gets a name.
    fn continues(&mut self, probed: Probed) {
        if self.report.lineage.is_some() {
            return;
        }
        let id = match &self.history.lineage {
            Some(lineage) => lineage.id.clone(),
            None => self.new_id(),
        };
        let named = || crate::backups::metadata::Lineage {
            id: id.clone(),
            parent: None,
        };
        self.history.lineage.get_or_insert_with(named);
        self.listener.notice(&Notice::Continues {
            lineage: &id,
            revision: self.history.reached,
            is_proven: matches!(probed, Probed::Same { .. }),
        });
        self.report.lineage = Some(id);
    }

    fn no_answer(&mut self, error: client::Error) -> Result<()> {
        self.listener.notice(&Notice::NoAnswer(&error));
        let is_first = !self.task.has_answered || self.settings.task != Task::Follow;
        match is_first && !error.is_passing() {
            true => Err(Error::Etcd(error)),
            false => self.given_up(&error.to_string()),
        }
    }

    /// A single snapshot is given up at once where no second attempt can help.
    fn failed(&mut self, error: snapshot::Error) -> Result<Failure> {
        let failure = error.failure();
        if self.settings.task != Task::Follow && failure == Failure::Lasting {
            return Err(Error::Refused(error));
        }
        self.given_up(&error.to_string())?;
        Ok(failure)
    }

    /// A single snapshot is given up after so many failures.
    fn given_up(&mut self, last: &str) -> Result<()> {
        self.task.failed += 1;
        let attempts = self.settings.attempts;
        match self.settings.task != Task::Follow && self.task.failed >= attempts {
            true => Err(Error::GivenUp {
                attempts,
                last: last.to_owned(),
            }),
            false => Ok(()),
        }
    }

    fn full_taken(&mut self, full: &TakenFull) -> Result<()> {
        self.way.full = None;
        let note = of_full(full, &self.surroundings(full.opened.head));
        if let Some(log) = note.as_ref().ok().and_then(LogMark::of) {
            self.history.log = Some(log);
        }
        self.notes.write(full.name.to_string(), note);
        let holds = full.holds.as_ref().ok();
        if let Some(event) = holds.and_then(|holds| holds.last_event.as_ref()) {
            let put = (!event.is_delete()).then_some(Generation {
                create_revision: event.create_revision,
                version: event.version,
            });
            self.seen(Witness {
                key: event.key.clone().into(),
                mod_revision: event.revision.main,
                put,
            });
        }
        let revision = full.name.last;
        self.stored(full.name.to_string(), full.stored_sha256, revision);
        self.history.ends = Some(ChainEnds::of_full(&full.key));
        self.history.gap = None;
        self.timing.full = self.due_after(full.name.created);
        self.report.fulls += 1;
        self.report.full = Some(Taken {
            key: full.key.to_string(),
            revision,
            holds: holds.map(|holds| holds.revision),
            bytes: full.stored_size,
            raw_bytes: full.raw_size,
            events: None,
        });
        self.listener.notice(&Notice::FullTaken(full));
        self.tell(Input::FullStored(holds.map(|holds| holds.revision)))
    }

    fn delta_done(&mut self, stored: snapshot::Result<Proof>) -> Result<()> {
        self.way.delta = None;
        let Some(delta) = self.closed.front() else {
            return Ok(());
        };
        if let Err(error) = stored {
            let notice = Notice::DeltaFailed {
                delta,
                error: &error,
            };
            self.listener.notice(&notice);
            let failure = self.failed(error)?;
            return self.tell(Input::DeltaFailed(failure));
        }
        let Some(delta) = self.closed.pop_front() else {
            return Ok(());
        };
        let note = of_delta(&delta, &self.surroundings(self.history.asked));
        self.notes.write(delta.name.to_string(), note);
        self.stored(delta.name.to_string(), delta.stored_sha256, delta.name.last);
        if let (Some(ends), Ok(key)) = (&mut self.history.ends, key_of(&delta.name)) {
            ends.last = key;
        }
        if let Some(witness) = delta.witness.clone() {
            self.seen(witness);
        }
        self.report.deltas += 1;
        self.report.delta = Some(Taken {
            key: format!("v2/{}", delta.name),
            revision: delta.name.last,
            holds: None,
            bytes: delta.object.len() as u64,
            raw_bytes: delta.json + delta.json_sha256.len() as u64,
            events: Some(delta.events),
        });
        self.listener.notice(&Notice::DeltaTaken(&delta));
        self.tell(Input::DeltaStored)
    }

    /// An event of this history.
    fn seen(&mut self, witness: Witness) {
        self.history.remember(witness.clone());
        let known = self.history.witness.as_ref();
        if known.is_none_or(|known| known.mod_revision < witness.mod_revision) {
            self.history.witness = Some(witness);
        }
    }

    fn stored(&mut self, snapshot: String, sha256: [u8; 32], revision: i64) {
        self.task.failed = 0;
        self.history.reached = revision;
        self.history.previous = Some(Previous {
            snapshot,
            stored_sha256: Some(hex::encode(sha256)),
        });
    }

    fn surroundings(&self, asked: client::Header) -> Surroundings {
        Surroundings {
            lineage: self.history.lineage.clone(),
            asked,
            etcd_version: self.history.version.clone(),
            beside: Some(self.history.beside.clone()),
            previous: self.history.previous.clone(),
            gap: self.history.gap,
            tool: self.settings.tool.clone(),
        }
    }

    /// What the watch says.
    pub(super) fn watched(&mut self, said: Watched) -> Result<()> {
        match said {
            Watched::Created(member) => {
                let from = self.machine.read().saturating_add(1);
                self.history.asked = member;
                let member = &member;
                self.listener.notice(&Notice::Follows { from, member });
                self.tell(Input::Watching)
            }
            Watched::Batches(batches) => {
                let now = (self.settings.now)();
                for batch in batches {
                    let hole = self.gatherer.arrived(batch, now);
                    self.way.hole = self.way.hole.or(hole);
                }
                let unknown = self.leases.unknown(self.gatherer.leases());
                if unknown.is_empty() {
                    return self.write_events();
                }
                let (etcd, clock) = (self.etcd.clone(), self.session.clock.clone());
                let ask = leases::ask(etcd, clock, unknown, LEASES_WITHIN);
                let ask = async { Said::Leases(ask.await) };
                self.way.leases = Some(self.errands.ask(ask));
                Ok(())
            }
            Watched::Ended(end, why) => {
                self.way.watch = None;
                self.listener.notice(&Notice::WatchEnded { why });
                self.tell(Input::WatchEnded(end))
            }
        }
    }

    /// Writes the revisions that have arrived whole.
    fn write_events(&mut self) -> Result<()> {
        while self.way.watch.is_some() {
            let leases = &self.leases;
            let ttl = |lease| leases.granted(lease);
            let written = self.gatherer.write(&ttl);
            match written.map_err(storing::Error::Encode)? {
                Some(Gathered::Revision { revision, json }) => {
                    self.tell(Input::Revision { revision, json })?;
                }
                Some(Gathered::Hole { .. }) | None => break,
            }
        }
        match self.way.hole.take() {
            Some(Gathered::Hole { first, last }) if self.way.watch.is_some() => {
                self.way.watch = None;
                self.listener.notice(&Notice::EventsMissing { first, last });
                self.tell(Input::WatchEnded(WatchEnd::Hole))
            }
            _ => Ok(()),
        }
    }
}
