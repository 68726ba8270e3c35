//! What the sidecar does now, for its page.

use std::sync::{Arc, Mutex, PoisonError};

use engine::progress::{Event, Observer, Phase};
use engine::snapshot::taking::Notice;
use page::Work;
use page::work::{Bytes, Kind};

use crate::clock::now;

/// All that is under way.
#[derive(Default)]
pub(super) struct InFlight(Mutex<Vec<Work>>);

impl InFlight {
    /// What is under way now.
    pub(super) fn all(&self) -> Vec<Work> {
        self.with(|all| all.clone())
    }

    /// It begins, if it is not under way.
    pub(super) fn begin(&self, kind: Kind) {
        let since = now();
        self.with(|all| {
            if !all.iter().any(|work| work.kind == kind) {
                all.push(Work {
                    kind,
                    since,
                    bytes: None,
                    part: None,
                });
            }
        });
    }

    /// It has ended, however.
    pub(super) fn end(&self, kind: Kind) {
        self.with(|all| all.retain(|work| work.kind != kind));
    }

    /// No snapshotter runs any more, and nothing of what goes on beside it.
    pub(super) fn end_backups(&self) {
        self.with(|all| all.retain(|work| work.kind == Kind::Initialization));
    }

    /// So many bytes are to be done, counted from now on.
    fn planned(&self, kind: Kind, of: u64) {
        let since = now();
        self.of(kind, |work| {
            work.bytes = Some(Bytes {
                done: 0,
                of: Some(of),
                since,
            });
        });
    }

    fn done(&self, kind: Kind, more: u64) {
        self.of(kind, |work| {
            if let Some(bytes) = &mut work.bytes {
                bytes.done = bytes.done.saturating_add(more);
            }
        });
    }

    /// Changes it, if it is under way.
    fn of(&self, kind: Kind, change: impl FnOnce(&mut Work)) {
        self.with(|all| {
            if let Some(work) = all.iter_mut().find(|work| work.kind == kind) {
                change(work);
            }
        });
    }

    fn with<T>(&self, change: impl FnOnce(&mut Vec<Work>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the snapshotter has to tell.
    pub(super) fn notice(&self, notice: &Notice<'_>) {
        match notice {
            Notice::FullBegan { .. } => self.begin(Kind::Full),
            Notice::FullOpened { size } => self.planned(Kind::Full, *size),
            Notice::FullTaken(_) | Notice::FullFailed(_) | Notice::FullAbandoned => {
                self.end(Kind::Full);
            }
            Notice::DeltaSent => self.begin(Kind::Delta),
            Notice::DeltaTaken(_) | Notice::DeltaFailed { .. } => self.end(Kind::Delta),
            _ => {}
        }
    }

    /// How far work of this kind is, told to whom it was told before as well.
    pub(super) fn observed(self: &Arc<Self>, kind: Kind, also: Arc<dyn Observer>) -> Observed {
        Observed {
            in_flight: self.clone(),
            kind,
            also,
        }
    }
}

/// Hears how far work is.
pub(super) struct Observed {
    in_flight: Arc<InFlight>,
    kind: Kind,
    also: Arc<dyn Observer>,
}

impl Observer for Observed {
    fn event(&self, event: Event<'_>) {
        let (all, kind) = (&self.in_flight, self.kind);
        match event {
            Event::Planned { bytes, .. } => {
                // A proof is under way when it is known what it reads, and the rest before.
                all.begin(kind);
                all.planned(kind, bytes);
            }
            Event::Fetched(bytes) => all.done(kind, bytes),
            // Beside the proof of what was stored, a full is taken.
            Event::Streamed(bytes) => all.done(Kind::Full, bytes),
            Event::Phase(phase) => all.of(kind, |work| work.part = named(phase)),
            Event::Reached(_) | Event::Warning(_) => {}
        }
        self.also.event(event);
    }
}

/// What of a restore follows on the fetching, whose bytes nobody counts.
fn named(phase: Phase) -> Option<&'static str> {
    match phase {
        Phase::Restoring => Some("the backups are fetched and written"),
        Phase::Flushing => Some("what was restored is flushed to the disk"),
        Phase::Checking => Some("what was restored is checked"),
        Phase::Comparing => Some("the old member is compared with what was restored"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::progress::Unobserved;

    #[test]
    fn what_is_told_is_what_was_counted() {
        let all = Arc::new(InFlight::default());
        let observed = all.observed(Kind::Proof, Arc::new(Unobserved));
        // Nobody has said how much there is, or that anything is done.
        observed.event(Event::Fetched(7));
        observed.event(Event::Streamed(7));
        assert_eq!(all.all(), []);
        all.notice(&Notice::FullOpened { size: 9 });
        assert_eq!(all.all(), []);
        all.begin(Kind::Full);
        all.notice(&Notice::FullOpened { size: 90 });
        observed.event(Event::Streamed(30));
        observed.event(Event::Planned {
            objects: 2,
            bytes: 50,
        });
        observed.event(Event::Fetched(20));
        let told: Vec<_> = all
            .all()
            .iter()
            .map(|work| {
                let bytes = work.bytes.unwrap();
                (work.kind, bytes.done, bytes.of)
            })
            .collect();
        assert_eq!(
            told,
            [(Kind::Full, 30, Some(90)), (Kind::Proof, 20, Some(50))]
        );
        all.notice(&Notice::FullAbandoned);
        all.end_backups();
        assert_eq!(all.all(), []);
    }
}
