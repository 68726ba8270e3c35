//! Where deltas end, and when they are stored.

use std::time::Duration;

use super::effect::{Base, Effect};
use super::state::{Closing, Machine, Next, Open, Watch};

impl Machine {
    /// A revision was read to its end.
    pub(super) fn revision(&mut self, now: Duration, revision: i64, json: u64) {
        if self.watch != Watch::Following {
            return;
        }
        if revision != self.read.saturating_add(1) {
            return self.drain(Next::Full);
        }
        self.read = revision;
        let (first, since) = match self.open {
            Some(open) => (open.first, open.since),
            None => (revision, now),
        };
        self.open = Some(Open { first, json, since });
    }

    /// Ends the open delta if it is due and may end here.
    pub(super) fn cut(&mut self, now: Duration) {
        if self.floor.is_some_and(|floor| self.read >= floor.revision) {
            self.floor = None;
        }
        let Some(open) = self.open else { return };
        if self.closing.is_some() {
            // One after the other; what is open does not grow for ever meanwhile.
            if open.json >= self.policy.limit.saturating_mul(2) && self.watch == Watch::Following {
                self.drain(Next::Rejoin);
            }
            return;
        }
        if !self.is_due(now, &open) || !self.may_end(now, &open) {
            return;
        }
        (self.open, self.delta_wanted) = (None, false);
        self.closing = Some(Closing {
            first: open.first,
            last: self.read,
            json: open.json,
        });
        self.out.push(Effect::Cut {
            first: open.first,
            last: self.read,
        });
    }

    /// Whether the open delta may end here, as far as the full before it goes.
    fn may_end(&mut self, now: Duration, open: &Open) -> bool {
        let unopened = self.full.is_some_and(|full| !full.opened);
        if !unopened && self.floor.is_none() {
            return true;
        }
        // What the full holds is known in milliseconds, and the events up to it are on their way.
        let waits = |times| open.json < self.policy.limit.saturating_mul(times);
        match self.full {
            Some(full) if full.base == Base::Continues && !full.abandoned => {
                if !self.is_following() || !waits(2) {
                    self.full_after = now.saturating_add(self.policy.retry);
                    self.abandon_full();
                    self.full_wanted = !self.stopping;
                }
                // It may be there already: what became of it is said soon.
                false
            }
            // Nothing else leads to what is held; or it is given up, and that takes long.
            Some(full) => {
                let times = if full.abandoned { 3 } else { 2 };
                if !waits(times) && self.watch == Watch::Following {
                    self.drain(Next::Rejoin);
                }
                false
            }
            None => {
                if !self.is_following() || !waits(3) {
                    if self.floor.is_some_and(|floor| !floor.is_certain) {
                        // Without it what is held would be lost. etcd-backup-restore may fail to restore it, if
                        // that full is there.
                        self.floor = None;
                        return true;
                    }
                    self.out.push(Effect::DropOpen {
                        first: open.first,
                        last: self.read,
                    });
                    self.open = None;
                    self.drain(self.next().max(Next::Full));
                }
                false
            }
        }
    }

    /// What comes after what is held is stored.
    fn next(&self) -> Next {
        match self.watch {
            Watch::Draining(next) => next,
            _ => Next::Rejoin,
        }
    }

    fn is_due(&self, now: Duration, open: &Open) -> bool {
        let old = |period| now.saturating_sub(open.since) >= period;
        open.json >= self.policy.limit
            || self.policy.period.is_none_or(old)
            || self.delta_wanted
            || self.stopping
            || matches!(self.watch, Watch::Draining(_))
    }

    /// Whether more events will come, or come again.
    fn is_following(&self) -> bool {
        let ends = matches!(
            self.watch,
            Watch::Draining(Next::Full | Next::Lineage) | Watch::Off
        );
        !self.stopping && !ends
    }

    /// The delta that was being ended waits for the store.
    pub(super) fn closed(&mut self, bytes: u64) {
        if let Some(Closing { first, last, .. }) = self.closing.take() {
            self.queue.push(first, last, bytes);
        }
        // Memory is bounded, and etcd pays for a watch that is not read.
        if self.queue.bytes() > self.policy.queue && self.watch == Watch::Following {
            self.drain(Next::Rejoin);
        }
    }

    /// Stores the oldest closed delta, if the store reaches it.
    pub(super) fn send(&mut self, now: Duration) {
        let Some(closed) = self.queue.first() else {
            return;
        };
        let reached = self.stored.is_some_and(|stored| closed.first == stored + 1);
        if self.sending || !reached || now < self.send_after {
            return;
        }
        self.sending = true;
        self.out.push(Effect::Send {
            first: closed.first,
            last: closed.last,
        });
    }

    pub(super) fn delta_stored(&mut self) {
        self.sending = false;
        self.send_again.succeeded();
        if let Some(closed) = self.queue.pop() {
            self.stored = Some(closed.last);
            self.covered = self.covered.max(self.stored);
        }
    }
}
