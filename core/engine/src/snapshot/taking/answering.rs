//! Answers who has asked for a snapshot and waits for it.

use super::asked::Asked;
use super::driver::Driver;
use super::error::Result;
use super::report::Taken;
use super::requests::{Request, Wanted};
use crate::backups::Kind;
use crate::snapshot::full::TakenFull;
use crate::snapshot::machine::Input;

/// So many failures are the answer to whoever waits; the snapshotter goes on trying.
const FAILURES: u32 = 3;

impl Driver<'_> {
    /// Takes what somebody wants.
    pub(super) fn requested(&mut self, request: Request) -> Result<()> {
        let Request { wanted, answered } = request;
        if let Some((revision, tell)) = answered {
            self.asked.push(Asked {
                wanted,
                revision,
                has_begun: false,
                failed: 0,
                tell,
            });
        } else if wanted == Wanted::FinalFull {
            self.task.wants_final = true;
        }
        match wanted {
            Wanted::Full | Wanted::FinalFull => self.tell(Input::FullWanted),
            Wanted::Delta => self.tell(Input::DeltaWanted),
        }
    }

    /// Whether the full that begins now is the last of its cluster. What waits for a full waits for this one.
    pub(super) fn begin_asked_full(&mut self) -> bool {
        let mut is_final = std::mem::take(&mut self.task.wants_final);
        for asked in self.asked.iter_mut().filter(|asked| asked.is_of_full()) {
            asked.has_begun = true;
            is_final |= asked.wanted == Wanted::FinalFull && !asked.tell.is_closed();
        }
        is_final
    }

    /// Answers who waits for a full. Who asked while it was under way waits for the next one.
    pub(super) fn answer_full(&mut self, full: &TakenFull, taken: &Taken) -> Result<()> {
        // What its pages did not tell is at least what etcd had when it began.
        let reaches = full.holds.as_ref().map(|holds| holds.revision).ok();
        let does = |asked: &Asked| {
            let is_enough = reaches.is_none_or(|reaches| reaches >= asked.revision);
            let is_of_kind = asked.wanted == Wanted::Full || full.name.is_final;
            asked.is_of_full() && asked.has_begun && is_enough && is_of_kind
        };
        for asked in self.asked.extract_if(.., |asked| does(asked)) {
            // Whoever asked may have gone.
            let _ = asked.tell.send(Ok(Some(taken.clone())));
        }
        let mut waits = false;
        for asked in self.asked.iter_mut().filter(|asked| asked.is_of_full()) {
            (asked.has_begun, waits) = (false, true);
        }
        match waits {
            true => self.tell(Input::FullWanted),
            false => Ok(()),
        }
    }

    /// Answers who waits for what is stored with this delta.
    pub(super) fn answer_delta(&mut self, taken: &Taken) {
        let does = |asked: &Asked| !asked.is_of_full() && taken.revision >= asked.revision;
        for asked in self.asked.extract_if(.., |asked| does(asked)) {
            let _ = asked.tell.send(Ok(Some(taken.clone())));
        }
    }

    /// A snapshot of this kind could not be taken: `why`.
    pub(super) fn asked_has_failed(&mut self, kind: Kind, why: &str) {
        for asked in &mut self.asked {
            asked.failed += u32::from(asked.kind() == kind);
        }
        let gives_up = |asked: &mut Asked| asked.failed >= FAILURES;
        for asked in self.asked.extract_if(.., gives_up) {
            let _ = asked.tell.send(Err(why.to_owned()));
        }
    }

    /// Goes on with what is asked for, after something has happened.
    pub(super) fn look_after_asked(&mut self) -> Result<()> {
        self.asked.retain(|asked| !asked.tell.is_closed());
        if self.asked.is_empty() {
            return Ok(());
        }
        let (stored, read) = (self.machine.stored(), self.machine.read());
        let reached = stored.max(self.reaches());
        let has_none = self.settings.policy.period.is_none();
        let is_over = |asked: &mut Asked| {
            !asked.is_of_full() && (has_none || reached >= Some(asked.revision))
        };
        for asked in self.asked.extract_if(.., is_over) {
            let answer = match reached >= Some(asked.revision) {
                true => Ok(None),
                false => Err("there are no deltas: their period is below one second".to_owned()),
            };
            let _ = asked.tell.send(answer);
        }
        // It was asked for before all of it was read.
        let waits = |asked: &Asked| !asked.is_of_full() && read >= asked.revision;
        match self.asked.iter().any(waits) {
            true => self.tell(Input::DeltaWanted),
            false => Ok(()),
        }
    }
}
