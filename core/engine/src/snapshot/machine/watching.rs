//! From when to when events come.

use std::time::Duration;

use super::effect::{Effect, Ending};
use super::input::{Probed, WatchEnd};
use super::state::{Machine, Next, Watch};

impl Machine {
    pub(super) fn probe(&mut self, next: Next) {
        self.watch = Watch::Probing(next);
        self.out.push(Effect::Probe {
            least: self.read.max(self.floor.map_or(0, |floor| floor.revision)),
        });
    }

    pub(super) fn ask(&mut self) {
        self.watch = Watch::Asking;
        self.out.push(Effect::AskHead);
    }

    pub(super) fn probed(&mut self, probed: Probed) {
        let Watch::Probing(next) = self.watch else {
            return;
        };
        let (head, is_proven) = match probed {
            Probed::Same { head } if head >= self.read => (head, true),
            Probed::GoesOn { head } if head >= self.read => (head, false),
            _ => return self.drain(Next::Lineage),
        };
        let leads_on = self.stored.is_some() || self.full.is_some_and(|full| !full.abandoned);
        if self.policy.period.is_none() {
            match self.full_wanted || !leads_on {
                true => self.begin(head),
                false => self.watch = Watch::Off,
            }
        } else if is_proven && next == Next::Rejoin && leads_on && self.is_near(head) {
            self.join();
        } else if self.holds_nothing() && self.full.is_none() {
            self.begin(head);
        } else {
            self.drain(Next::Full);
        }
    }

    /// etcd reads what a watch catches up with under the lock that commits need.
    fn is_near(&self, head: i64) -> bool {
        head.saturating_sub(self.read) <= self.policy.catch_up
    }

    /// Watches from what was read on, if there are deltas.
    fn join(&mut self) {
        if self.policy.period.is_none() || self.stopping {
            self.watch = Watch::Off;
            return;
        }
        self.watch = Watch::Joining;
        self.out.push(Effect::Watch {
            from: self.read.saturating_add(1),
        });
    }

    /// The newest revision is known.
    pub(super) fn head(&mut self, head: i64) {
        if self.watch == Watch::Asking {
            self.covered = None;
            self.out.push(Effect::NewLineage);
            self.begin(head);
        }
    }

    /// Begins at `head` with a full: nothing in the store leads there.
    fn begin(&mut self, head: i64) {
        if let Some(covered) = self.covered.filter(|covered| head > *covered)
            && self.policy.period.is_some()
        {
            self.out.push(Effect::Hole {
                first: covered + 1,
                last: head,
            });
        }
        (self.read, self.stored, self.floor) = (head, None, None);
        self.full_wanted = true;
        self.join();
    }

    pub(super) fn watching(&mut self) {
        if self.watch == Watch::Joining {
            self.watch = Watch::Following;
        }
    }

    pub(super) fn watch_ended(&mut self, now: Duration, end: WatchEnd) {
        if !matches!(self.watch, Watch::Joining | Watch::Following) {
            return;
        }
        match end {
            WatchEnd::Broke | WatchEnd::Ahead => {
                self.watch = Watch::Waiting(now.saturating_add(self.policy.retry));
            }
            // Nobody has the events: what is held leads up to them.
            WatchEnd::Compacted | WatchEnd::Hole => self.drain(Next::Full),
        }
    }

    /// Gives the watch up until the store has taken what is held.
    pub(super) fn drain(&mut self, next: Next) {
        if self.is_watching() {
            self.out.push(Effect::Unwatch);
        }
        // Once it is a matter of a full, it stays one.
        let next = match self.watch {
            Watch::Draining(before) => next.max(before),
            _ => next,
        };
        self.watch = Watch::Draining(next);
    }

    fn is_watching(&self) -> bool {
        matches!(self.watch, Watch::Joining | Watch::Following)
    }

    /// Goes on when the store has taken what was held.
    pub(super) fn drained(&mut self) {
        let Watch::Draining(mut next) = self.watch else {
            return;
        };
        if self.stored.is_none() && self.full.is_none() {
            // Nothing leads to what is held, and nothing will.
            self.drop_deltas();
            next = next.max(Next::Full);
        }
        let drained = match next {
            // What is open goes on growing then, unless it has to end first.
            Next::Rejoin => {
                let is_free = self.full.is_none_or(|full| !full.abandoned);
                let has_sent = self.closing.is_none() && self.queue.is_empty();
                self.stored.is_some() && has_sent && is_free
            }
            Next::Full | Next::Lineage => self.holds_nothing() && self.full.is_none(),
        };
        if drained && !self.stopping {
            match next {
                Next::Lineage => self.ask(),
                next => self.probe(next),
            }
        }
    }

    pub(super) fn stop(&mut self) {
        self.stopping = true;
        if self.is_watching() {
            self.out.push(Effect::Unwatch);
        }
        self.watch = Watch::Off;
        self.full_wanted = false;
        self.abandon_full();
        if self.stored.is_none() {
            self.drop_all();
        }
    }

    /// Ends without what is held: nothing leads to it.
    pub(super) fn drop_all(&mut self) {
        if !self.holds_nothing() {
            let first = self.first_held();
            self.out.push(Effect::DropDeltas);
            self.end(Ending::Dropped {
                first,
                last: self.read,
            });
        }
    }

    pub(super) fn deposed(&mut self) {
        if self.is_watching() {
            self.out.push(Effect::Unwatch);
        }
        self.abandon_full();
        self.out.push(Effect::DropDeltas);
        self.end(Ending::Deposed);
    }

    pub(super) fn first_held(&self) -> i64 {
        let queued = self.queue.first().map(|closed| closed.first);
        let closing = self.closing.map(|closing| closing.first);
        let open = self.open.map(|open| open.first);
        queued.or(closing).or(open).unwrap_or(self.read)
    }
}
