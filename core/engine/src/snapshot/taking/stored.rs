//! A snapshot that is in the store: what is noted of it, and what it changes of what is known of the history.

use super::chain_there::ChainEnds;
use super::driver::Driver;
use super::error::Result;
use super::notice::Notice;
use super::raft_log::LogMark;
use super::report::Taken;
use crate::backups::Kind;
use crate::backups::metadata::Previous;
use crate::backups::storing::{Proof, key_of};
use crate::snapshot::deltas::Witness;
use crate::snapshot::description::{Surroundings, of_delta, of_full};
use crate::snapshot::error as snapshot;
use crate::snapshot::full::TakenFull;
use crate::snapshot::machine::Input;

impl Driver<'_> {
    pub(super) fn full_taken(&mut self, full: &TakenFull) -> Result<()> {
        self.way.full = None;
        let note = of_full(full, &self.surroundings(full.opened.head));
        let note = note.map(|note| note.told(&self.session.keys));
        if let Some(log) = note.as_ref().ok().and_then(LogMark::of) {
            self.history.log = Some(log);
        }
        self.notes.write(full.name.to_string(), note);
        let holds = full.holds.as_ref().ok();
        if let Some(event) = holds.and_then(|holds| holds.last_event.as_ref()) {
            self.seen(Witness::of_last(event));
        }
        let revision = full.name.last;
        self.stored(full.name.to_string(), full.stored_sha256, revision);
        self.history.ends = Some(ChainEnds::of_full(&full.key));
        self.history.gap = None;
        self.timing.full = self.due_after(full.name.created);
        self.report.fulls += 1;
        let taken = Taken {
            key: full.key.to_string(),
            revision,
            holds: holds.map(|holds| holds.revision),
            bytes: full.stored_size,
            raw_bytes: full.raw_size,
            events: None,
        };
        self.listener.notice(&Notice::FullTaken(full));
        // The next one may begin when the machine hears of it, and is not what they have waited for.
        self.answer_full(full, &taken)?;
        self.report.full = Some(taken);
        self.tell(Input::FullStored(holds.map(|holds| holds.revision)))
    }

    pub(super) fn delta_done(&mut self, stored: snapshot::Result<Proof>) -> Result<()> {
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
            self.asked_has_failed(Kind::Delta, &error.to_string());
            let failure = self.failed(error)?;
            return self.tell(Input::DeltaFailed(failure));
        }
        let Some(delta) = self.closed.pop_front() else {
            return Ok(());
        };
        let note = of_delta(&delta, &self.surroundings(self.history.asked));
        let note = note.map(|note| note.told(&self.session.keys));
        self.notes.write(delta.name.to_string(), note);
        self.stored(delta.name.to_string(), delta.stored_sha256, delta.name.last);
        if let (Some(ends), Ok(key)) = (&mut self.history.ends, key_of(&delta.name)) {
            ends.last = key;
        }
        if let Some(witness) = delta.witness.clone() {
            self.seen(witness);
        }
        self.report.deltas += 1;
        let taken = Taken {
            key: format!("v2/{}", delta.name),
            revision: delta.name.last,
            holds: None,
            bytes: delta.object.len() as u64,
            raw_bytes: delta.json + delta.json_sha256.len() as u64,
            events: Some(delta.events),
        };
        self.answer_delta(&taken);
        self.report.delta = Some(taken);
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
}
