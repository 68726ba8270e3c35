use super::store::{Appeared, DeltaObject, FullObject, head, upto};
use super::{Full, World};
use crate::snapshot::machine::{Failure, Input, Object, Probed, WatchEnd};

/// JSON of one revision, in bytes.
pub(super) const EVENT: u64 = 10;

impl World {
    /// One of the things under way comes to something.
    pub(super) fn answer(&mut self) {
        match self.rng.u8(..7) {
            0 if self.way.head => {
                self.way.head = false;
                self.tell(Input::Head(head(&self.history)));
            }
            1 => {
                if let Some(least) = self.way.probe.take() {
                    let probed = self.probed(least);
                    self.tell(Input::Probed(probed));
                }
            }
            2 => self.watch(),
            3 if self.way.cut.is_some() => self.cut(),
            4 if self.way.send => self.send(),
            5 => self.open_full(),
            6 => self.end_full(),
            _ => {}
        }
    }

    /// By the newest event that was read or stored.
    fn probed(&mut self, least: i64) -> Probed {
        let newest = head(&self.history);
        let witness = self.witness.filter(|(revision, _)| *revision >= least);
        let Some((revision, write)) = witness else {
            return Probed::Unknown;
        };
        if revision > newest {
            return Probed::Other;
        }
        let is_same = upto(&self.history, revision).last() == Some(&write);
        match (revision < self.compacted, is_same) {
            (false, true) => Probed::Same { head: newest },
            (false, false) => Probed::Other,
            // Its log goes on; not every full tells where it stood.
            (true, true) if self.rng.bool() => Probed::GoesOn { head: newest },
            (true, _) => Probed::Unknown,
        }
    }

    fn watch(&mut self) {
        let Some((from, created)) = self.way.watch else {
            return;
        };
        if !created {
            self.way.watch = Some((from, true));
            if from <= self.compacted {
                self.way.watch = None;
                return self.tell(Input::WatchEnded(WatchEnd::Compacted));
            }
            if from > head(&self.history) + 1 {
                self.way.watch = None;
                return self.tell(Input::WatchEnded(WatchEnd::Ahead));
            }
            return self.tell(Input::Watching);
        }
        for _ in 0..self.rng.u32(1..30) {
            let Some((next, _)) = self.way.watch else {
                return;
            };
            if next > head(&self.history) {
                return;
            }
            self.way.watch = Some((next + 1, true));
            if self.held.open.is_empty() {
                self.held.open_first = next;
            }
            self.held
                .open
                .push(*upto(&self.history, next).last().unwrap());
            let json = self.held.open.len() as u64 * EVENT;
            self.tell(Input::Revision {
                revision: next,
                json,
            });
        }
    }

    fn cut(&mut self) {
        let Some((first, last)) = self.way.cut.take() else {
            return;
        };
        let count = usize::try_from(last - first + 1).unwrap();
        assert_eq!(self.held.open_first, first);
        let rest = self.held.open.split_off(count);
        let writes = std::mem::replace(&mut self.held.open, rest);
        self.held.open_first = last + 1;
        let bytes = writes.len() as u64 * EVENT;
        self.held.closed.push(DeltaObject {
            first,
            writes,
            lineage: self.lineage,
        });
        self.tell(Input::Closed { bytes });
    }

    fn send(&mut self) {
        self.way.send = false;
        if !self.store_up {
            let failure = self.failure();
            return self.tell(Input::DeltaFailed(failure));
        }
        let delta = self.held.closed.remove(0);
        self.store.deltas.push(delta);
        self.tell(Input::DeltaStored);
        self.acknowledge();
    }

    fn failure(&mut self) -> Failure {
        match self.rng.u8(..4) {
            0 => Failure::Lasting,
            _ => Failure::Passing,
        }
    }

    /// What was being stored may have got there.
    pub(super) fn drop_closed(&mut self) {
        if std::mem::take(&mut self.way.send) && self.store_up && self.rng.bool() {
            self.store.deltas.push(self.held.closed.remove(0));
        }
        self.held.closed.clear();
    }

    fn open_full(&mut self) {
        let Some(Full::Asked(named)) = self.way.full else {
            return;
        };
        // The state is fixed, and the revision is asked for a moment later.
        let holds = head(&self.history);
        if self.rng.bool() {
            self.write();
        }
        self.way.full = Some(Full::Open(named, holds));
        self.tell(Input::FullOpened(head(&self.history)));
    }

    fn end_full(&mut self) {
        let (named, holds) = match self.way.full {
            Some(Full::Open(named, holds)) => (named, holds),
            Some(Full::Asked(_)) if self.way.abandoned => {
                self.way.full = None;
                return self.full_failed(Object::Absent);
            }
            _ => return,
        };
        self.way.full = None;
        if holds > head(&self.history) {
            return self.full_failed(Object::Absent);
        }
        // What is given up may be stored all the same.
        if !self.store_up || self.way.abandoned && self.rng.bool() {
            let object = match self.rng.bool() {
                true => Object::Absent,
                false => Object::Unknown,
            };
            if object == Object::Unknown && self.rng.bool() {
                self.store_full(named, holds, Appeared::Unheard);
            }
            return self.full_failed(object);
        }
        self.store_full(named, holds, Appeared::Told);
        let known = self.rng.bool().then_some(holds);
        if let Some(write) = upto(&self.history, holds).last()
            && known.is_some()
        {
            self.witness = self.witness.max(Some((holds, *write)));
        }
        self.tell(Input::FullStored(known));
        self.acknowledge();
    }

    fn store_full(&mut self, named: i64, holds: i64, appeared: Appeared) {
        self.store.fulls.push(FullObject {
            named,
            holds: upto(&self.history, holds).to_vec(),
            lineage: self.lineage,
            appeared,
        });
    }

    fn full_failed(&mut self, object: Object) {
        let failure = self.failure();
        self.tell(Input::FullFailed { failure, object });
    }
}
