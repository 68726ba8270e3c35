//! When a full is taken, and what it means for the deltas.

use std::time::Duration;

use super::again::Failure;
use super::effect::{Base, Effect};
use super::input::Object;
use super::state::{Floor, Full, Machine, Next, Watch};

impl Machine {
    /// Takes the full that is wanted, if it can be taken now.
    pub(super) fn start_full(&mut self, now: Duration) {
        let ready = match self.watch {
            Watch::Following => true,
            Watch::Off => self.policy.period.is_none(),
            _ => false,
        };
        let wanted = self.full_wanted && self.full.is_none() && now >= self.full_after;
        if !ready || !wanted || self.stopping || self.floor.is_some() {
            return;
        }
        if self.policy.period.is_none() && self.stored.is_some() {
            // No deltas lead up to it: it begins anew, if etcd's history is still the same.
            return self.probe(Next::Full);
        }
        let base = match self.stored {
            Some(_) => Base::Continues,
            None => Base::Anew,
        };
        let revision = self.last_closed();
        if base == Base::Anew {
            if self.closing.is_some() {
                return;
            }
            if !self.queue.is_empty() {
                self.queue.clear();
                self.out.push(Effect::DropClosed);
            }
        }
        self.full_wanted = false;
        self.full = Some(Full {
            revision,
            base,
            opened: false,
            abandoned: false,
        });
        self.out.push(Effect::Full { revision, base });
    }

    /// The name of a full is the end of a delta: what is open begins right after it.
    fn last_closed(&self) -> i64 {
        let closing = self.closing.map(|closing| closing.last);
        let queued = self.queue.last().map(|closed| closed.last);
        let open = self.open.map(|open| open.first - 1);
        closing.or(queued).or(open).unwrap_or(self.read)
    }

    pub(super) fn full_opened(&mut self, head: i64) {
        let Some(full) = &mut self.full else { return };
        full.opened = true;
        if head > full.revision {
            self.floor = Some(Floor::certain(head));
        }
    }

    pub(super) fn full_stored(&mut self, holds: Option<i64>) {
        let Some(full) = self.full.take() else { return };
        self.full_again.succeeded();
        self.floor = match (self.floor, holds) {
            (Some(floor), Some(holds)) => Some(Floor::certain(floor.revision.min(holds))),
            (floor, _) => floor,
        };
        if full.base == Base::Anew {
            self.stored = Some(full.revision);
        }
        let held = holds.unwrap_or(full.revision).max(full.revision);
        self.covered = self.covered.max(Some(held));
    }

    pub(super) fn full_failed(&mut self, now: Duration, failure: Failure, object: Object) {
        let Some(full) = self.full.take() else { return };
        self.floor = match (object, full.base) {
            (Object::Unknown, Base::Continues) => self.floor.map(|floor| Floor {
                is_certain: false,
                ..floor
            }),
            _ => None,
        };
        if full.abandoned {
            return;
        }
        let (retry, at_most) = (self.policy.retry, self.policy.retry_at_most);
        let wait = self.full_again.after(failure, retry, at_most);
        self.full_after = now.saturating_add(wait);
        match full.base {
            Base::Continues => self.full_wanted = !self.stopping,
            Base::Anew => {
                // Nothing leads to what was read since: it is begun anew.
                if matches!(self.watch, Watch::Following | Watch::Joining) {
                    self.out.push(Effect::Unwatch);
                }
                self.drop_deltas();
                self.watch = match self.watch {
                    Watch::Draining(Next::Lineage) => self.watch,
                    _ => Watch::Waiting(self.full_after),
                };
            }
        }
    }

    /// Gives the full up that is under way. It stays until it is known what became of it.
    pub(super) fn abandon_full(&mut self) {
        if let Some(full) = self.full.as_mut().filter(|full| !full.abandoned) {
            full.abandoned = true;
            self.out.push(Effect::AbandonFull);
        }
    }

    /// Nothing in the store leads on: a full begins anew.
    pub(super) fn chain_lost(&mut self) {
        // Without deltas nothing is continued; and otherwise nothing has led on before.
        if self.policy.period.is_none() || self.stored.take().is_none() {
            return;
        }
        // The one under way would be the first of no chain, named by a delta that is not stored yet.
        self.abandon_full();
        self.sending = false;
        if self.stopping {
            return self.drop_all();
        }
        if let Some(last) = self.queue.last().map(|closed| closed.last) {
            if let Some(covered) = self.covered.filter(|covered| last > *covered) {
                self.out.push(Effect::Hole {
                    first: covered + 1,
                    last,
                });
            }
            self.queue.clear();
            self.out.push(Effect::DropClosed);
        }
        self.full_wanted = true;
    }

    pub(super) fn drop_deltas(&mut self) {
        if !self.holds_nothing() {
            self.out.push(Effect::DropDeltas);
        }
        (self.open, self.closing, self.sending) = (None, None, false);
        self.queue.clear();
    }
}
