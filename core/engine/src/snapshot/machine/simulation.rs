//! Everything around the machine, made up and seeded: an etcd that is written to, compacted, restored to older
//! states and replaced, a store that fails, a process that dies. What must hold whatever happens is checked
//! after each step.

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;

use super::{Base, Effect, Ending, Input, Kin, Machine, Policy, Reached, WatchEnd};

/// Who wrote each revision, from 2 on: a number that no other write has.
type History = Vec<u64>;

/// The writes up to `revision`.
fn upto(history: &History, revision: i64) -> &[u64] {
    let count = usize::try_from(revision - 1).unwrap();
    &history[..count]
}

fn head(history: &History) -> i64 {
    i64::try_from(history.len()).unwrap() + 1
}

/// What lies in the store.
#[derive(Debug, Clone)]
struct FullObject {
    named: i64,
    holds: Vec<u64>,
    lineage: u32,
}

#[derive(Debug, Clone)]
struct DeltaObject {
    first: i64,
    writes: Vec<u64>,
    lineage: u32,
}

impl DeltaObject {
    fn last(&self) -> i64 {
        self.first + i64::try_from(self.writes.len()).unwrap() - 1
    }
}

#[derive(Debug, Default)]
struct Store {
    fulls: Vec<FullObject>,
    deltas: Vec<DeltaObject>,
}

impl Store {
    /// The newest state of a lineage, by the rules of etcd-backup-restore: the full with the highest name, and
    /// the deltas above it, each beginning where the one before ended; the first must reach what the full holds.
    fn restored(&self, lineage: u32) -> Option<Vec<u64>> {
        let fulls = self.fulls.iter().filter(|full| full.lineage == lineage);
        let full = fulls.max_by_key(|full| full.named)?;
        let mut state = full.holds.clone();
        let mut deltas: Vec<_> = self.deltas.iter().collect();
        deltas.retain(|delta| delta.lineage == lineage && delta.last() > full.named);
        deltas.sort_by_key(|delta| delta.first);
        let mut next = full.named + 1;
        for (number, delta) in deltas.iter().enumerate() {
            assert_eq!(
                delta.first, next,
                "a delta begins where the one before ended"
            );
            next = delta.last() + 1;
            let holds = i64::try_from(state.len()).unwrap() + 1;
            assert!(
                number > 0 || delta.last() >= holds,
                "the first delta ends at {} and the full holds {holds}",
                delta.last()
            );
            let have = usize::try_from(holds + 1 - delta.first).unwrap();
            assert!(delta.writes[..have].iter().eq(&state[state.len() - have..]));
            state.extend(&delta.writes[have..]);
        }
        Some(state)
    }
}

/// What the driver holds for the machine.
#[derive(Debug, Default)]
struct Held {
    open: Vec<u64>,
    open_first: i64,
    closed: Vec<DeltaObject>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Full {
    Asked(i64),
    /// The state that it holds, as a revision of the history at that time.
    Open(i64, i64),
}

/// What is under way, and may be answered at any time.
#[derive(Debug, Default)]
struct UnderWay {
    head: bool,
    probe: bool,
    watch: Option<(i64, bool)>,
    cut: Option<(i64, i64)>,
    send: bool,
    full: Option<Full>,
}

pub(super) struct World {
    rng: Rng,
    now: Duration,
    writes: u64,
    history: History,
    compacted: i64,
    store: Store,
    store_up: bool,
    lineage: u32,
    lineages: u32,
    machine: Machine,
    /// The last event that was read or stored, of the last revision that was read at least.
    witness: Option<(i64, u64)>,
    held: Held,
    way: UnderWay,
    policy: Policy,
    /// The highest revision that was reported as stored, of each lineage, with the state it was.
    acknowledged: BTreeMap<u32, Vec<u64>>,
    pub(super) restored: u64,
    pub(super) holes: u64,
}

/// JSON of one revision, in bytes.
const EVENT: u64 = 10;

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let policy = Policy {
            period: (rng.u8(..8) > 0).then(|| Duration::from_millis(rng.u64(1..3000))),
            limit: rng.u64(1..40) * EVENT,
            queue: rng.u64(1..100) * EVENT,
            catch_up: [0, 60, 600][rng.usize(..3)],
            retry: Duration::from_millis(rng.u64(1..2000)),
        };
        let (machine, effects) = Machine::start(policy, Reached::Nothing, Duration::ZERO);
        let mut world = Self {
            rng,
            now: Duration::ZERO,
            writes: 0,
            history: History::new(),
            compacted: 0,
            store: Store::default(),
            store_up: true,
            lineage: 0,
            lineages: 0,
            machine,
            witness: None,
            held: Held::default(),
            way: UnderWay::default(),
            policy,
            acknowledged: BTreeMap::new(),
            restored: 0,
            holes: 0,
        };
        world.perform(effects);
        world
    }

    /// One thing happens.
    pub(super) fn step(&mut self) {
        self.now += Duration::from_millis(self.rng.u64(0..400));
        match self.rng.u32(..100) {
            0..30 => self.write(),
            30..33 => self.compact(),
            33 => self.go_back(),
            34 => self.restart(),
            35..38 => self.store_up = !self.store_up,
            38..41 => self.end_watch(),
            41..43 => self.tell(Input::FullWanted),
            43..46 => self.tell(Input::DeltaWanted),
            46..55 => self.tell(Input::Tick),
            _ => self.answer(),
        }
        self.check();
    }

    /// Nothing goes wrong any more: the store then reaches the newest revision, and a stop ends.
    pub(super) fn settle(&mut self) {
        self.store_up = true;
        if self.machine.has_ended() {
            return;
        }
        let newest = head(&self.history);
        for _ in 0..20_000 {
            let full = self.policy.period.is_none();
            if self
                .machine
                .stored()
                .is_some_and(|stored| full || stored >= newest)
            {
                self.check();
                return self.stop();
            }
            self.now += Duration::from_millis(100);
            self.tell(Input::Tick);
            self.answer();
        }
        panic!("{newest} is not reached: {:?}", self.machine);
    }

    fn stop(&mut self) {
        self.store_up = true;
        self.tell(Input::Stop);
        for _ in 0..10_000 {
            if self.machine.has_ended() {
                return;
            }
            self.now += Duration::from_millis(100);
            self.answer();
            self.tell(Input::Tick);
        }
        panic!("a stop does not end: {:?}", self.machine);
    }

    fn write(&mut self) {
        for _ in 0..self.rng.u32(1..20) {
            self.writes += 1;
            self.history.push(self.writes);
        }
    }

    fn compact(&mut self) {
        self.compacted = self.rng.i64(self.compacted..=head(&self.history));
    }

    /// Somebody restores the etcd to an older state, or replaces it.
    fn go_back(&mut self) {
        let left = self.rng.usize(..=self.history.len());
        self.history.truncate(left);
        self.compacted = self.compacted.min(head(&self.history));
        if self.rng.bool() {
            self.write();
        }
        if self.way.watch.take().is_some() {
            self.tell(Input::WatchEnded(WatchEnd::Broke));
        }
        if self.way.full.take().is_some() {
            self.tell(Input::FullFailed);
        }
    }

    /// The process dies, at any moment, and another begins with what the store holds.
    fn restart(&mut self) {
        if self.rng.bool() {
            self.stop();
        }
        let (held, way) = Default::default();
        (self.held, self.way) = (held, way);
        let state = self.store.restored(self.lineage);
        self.witness = state
            .as_ref()
            .and_then(|state| Some((head(state), *state.last()?)));
        let reached = self.reached(state);
        let (machine, effects) = Machine::start(self.policy, reached, self.now);
        self.machine = machine;
        self.perform(effects);
    }

    fn reached(&mut self, state: Option<Vec<u64>>) -> Reached {
        let fulls = self.store.fulls.iter();
        let fulls = fulls.filter(|full| full.lineage == self.lineage);
        let (Some(state), Some(full)) = (state, fulls.max_by_key(|full| full.named)) else {
            return Reached::Nothing;
        };
        let deltas = self.store.deltas.iter();
        let mut above =
            deltas.filter(|delta| delta.lineage == full.lineage && delta.first > full.named);
        match above.next() {
            Some(_) => Reached::Delta(head(&state)),
            None => Reached::Full {
                named: full.named,
                holds: self.rng.bool().then_some(head(&state)),
            },
        }
    }

    fn end_watch(&mut self) {
        if self.way.watch.take().is_some() {
            let end = match self.rng.u8(..8) {
                0 => WatchEnd::Hole {
                    last: self.machine.read() + 1,
                },
                1 => WatchEnd::Ahead,
                _ => WatchEnd::Broke,
            };
            self.tell(Input::WatchEnded(end));
        }
    }

    /// One of the things under way comes to something.
    fn answer(&mut self) {
        match self.rng.u8(..7) {
            0 if self.way.head => {
                self.way.head = false;
                self.tell(Input::Head(head(&self.history)));
            }
            1 if self.way.probe => {
                self.way.probe = false;
                let kin = self.kin();
                self.tell(Input::Kin(kin));
            }
            2 => self.watch(),
            3 if self.way.cut.is_some() => self.cut(),
            4 if self.way.send => self.send(),
            5 => self.open_full(),
            6 => self.end_full(),
            _ => {}
        }
    }

    /// By the last event that was read, or else stored.
    fn kin(&mut self) -> Kin {
        let newest = head(&self.history);
        let Some((revision, write)) = self.witness else {
            return Kin::Unknown;
        };
        if revision > newest {
            return Kin::Other;
        }
        if revision < self.compacted {
            return Kin::Unknown;
        }
        match upto(&self.history, revision).last() == Some(&write) {
            true => Kin::Same { head: newest },
            false => Kin::Other,
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
                return self.tell(Input::WatchEnded(WatchEnd::Compacted(self.compacted)));
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
            return self.tell(Input::DeltaFailed);
        }
        let delta = self.held.closed.remove(0);
        self.store.deltas.push(delta);
        self.tell(Input::DeltaStored);
        self.acknowledge();
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
        let Some(Full::Open(named, holds)) = self.way.full else {
            return;
        };
        self.way.full = None;
        if !self.store_up || holds > head(&self.history) {
            return self.tell(Input::FullFailed);
        }
        self.store.fulls.push(FullObject {
            named,
            holds: upto(&self.history, holds).to_vec(),
            lineage: self.lineage,
        });
        let known = self.rng.bool().then_some(holds);
        if let Some(write) = upto(&self.history, holds).last()
            && holds >= self.machine.read()
        {
            self.witness = Some((holds, *write));
        }
        self.tell(Input::FullStored(known));
        self.acknowledge();
    }

    /// What the machine says that the store reaches is remembered, and must be there for ever.
    fn acknowledge(&mut self) {
        let Some(stored) = self.machine.stored() else {
            return;
        };
        let state = self.store.restored(self.lineage).unwrap();
        assert!(head(&state) >= stored, "{} < {stored}", head(&state));
        let before = self.acknowledged.insert(self.lineage, state);
        self.restored += u64::from(before.is_none());
    }

    fn tell(&mut self, input: Input) {
        let effects = self.machine.handle(self.now, input);
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::AskHead => self.way.head = true,
                Effect::Probe => self.way.probe = true,
                Effect::Watch { from } => {
                    assert_eq!(from, self.machine.read() + 1);
                    self.witness = self.witness.filter(|(revision, _)| *revision + 1 >= from);
                    self.way.watch = Some((from, false));
                }
                Effect::Unwatch => self.way.watch = None,
                Effect::Cut { first, last } => self.way.cut = Some((first, last)),
                Effect::Send { first, last } => {
                    let oldest = self.held.closed.first().unwrap();
                    assert_eq!((oldest.first, oldest.last()), (first, last));
                    self.way.send = true;
                }
                Effect::DropDeltas => {
                    self.held = Held::default();
                    (self.way.cut, self.way.send) = (None, false);
                }
                Effect::DropClosed => self.held.closed.clear(),
                Effect::DropOpen { .. } => self.held.open.clear(),
                Effect::Full { revision, base } => {
                    if base == Base::Continues {
                        assert!(self.machine.stored().is_some());
                    }
                    self.way.full = Some(Full::Asked(revision));
                }
                Effect::AbandonFull => self.way.full = None,
                Effect::Hole { first, last } => {
                    assert!(first <= last);
                    self.holes += 1;
                }
                Effect::NewLineage => {
                    self.lineages += 1;
                    self.lineage = self.lineages;
                }
                Effect::End(Ending::Stored) => assert!(self.held.closed.is_empty()),
                Effect::End(_) => {}
            }
        }
    }

    fn check(&mut self) {
        let limit = self.policy.limit.max(EVENT);
        // One delta above its limit, one that is being ended, what waits, and what came before it was given up.
        let most = self.policy.queue + 8 * limit + 60 * EVENT;
        let held = self.machine.held();
        assert!(held <= most, "{held} bytes are held, {most} may be");
        for (lineage, state) in &self.acknowledged {
            let now = self.store.restored(*lineage).unwrap();
            assert!(now.starts_with(state), "lineage {lineage} lost what it had");
        }
    }
}
