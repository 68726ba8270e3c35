//! Everything around the machine, made up and seeded: an etcd that is written to, compacted, restored to older
//! states and replaced, a store that fails, a process that dies. What must hold whatever happens is checked
//! after each step.

mod answers;
mod checks;
mod store;

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;

use super::{Base, Effect, Ending, Failure, Input, Machine, Object, Policy, Reached, WatchEnd};
use answers::EVENT;
use store::{DeltaObject, History, Store, head};

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
    probe: Option<i64>,
    watch: Option<(i64, bool)>,
    cut: Option<(i64, i64)>,
    send: bool,
    full: Option<Full>,
    /// The full was given up, and its job has not said yet what became of it.
    abandoned: bool,
}

pub(super) struct World {
    /// Named when something does not hold.
    seed: u64,
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

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let policy = Policy {
            period: (rng.u8(..8) > 0).then(|| Duration::from_millis(rng.u64(1..3000))),
            limit: rng.u64(1..40) * EVENT,
            queue: rng.u64(1..100) * EVENT,
            catch_up: [0, 60, 600][rng.usize(..3)],
            retry: Duration::from_millis(rng.u64(1..2000)),
            retry_at_most: Duration::from_secs(60),
        };
        let (machine, effects) = Machine::start(policy, Reached::Nothing, Duration::ZERO);
        let mut world = Self {
            seed,
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
            46 => self.lose_chain(),
            47..55 => self.tell(Input::Tick),
            _ => self.answer(),
        }
        self.check();
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
            self.tell(Input::FullFailed {
                failure: Failure::Passing,
                object: Object::Absent,
            });
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

    /// By names, and by what the full holds: that is noted, or read.
    fn reached(&mut self, state: Option<Vec<u64>>) -> Reached {
        let fulls = self.store.fulls.iter();
        let fulls = fulls.filter(|full| full.lineage == self.lineage);
        let (Some(state), Some(full)) = (state, fulls.max_by_key(|full| full.named)) else {
            return Reached::Nothing;
        };
        let deltas = self.store.deltas.iter();
        let above =
            deltas.filter(|delta| delta.lineage == full.lineage && delta.first > full.named);
        match above.map(DeltaObject::last).max() {
            // Nothing was noted of it, and it cannot be read.
            last if self.rng.u8(..8) == 0 => Reached::Broken(last.unwrap_or(full.named)),
            Some(last) => Reached::Delta(last),
            None => Reached::Full {
                named: full.named,
                holds: head(&state),
            },
        }
    }

    /// Somebody deletes what the newest chain is made of, and that is found out.
    fn lose_chain(&mut self) {
        if self.machine.stored().is_some() && self.policy.period.is_some() {
            self.store.delete(self.lineage);
            self.acknowledged.remove(&self.lineage);
            self.tell(Input::ChainLost);
        }
    }

    fn end_watch(&mut self) {
        if self.way.watch.take().is_some() {
            let end = match self.rng.u8(..8) {
                0 => WatchEnd::Hole,
                1 => WatchEnd::Ahead,
                _ => WatchEnd::Broke,
            };
            self.tell(Input::WatchEnded(end));
        }
    }

    fn tell(&mut self, input: Input) {
        let effects = self.machine.handle(self.now, input);
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::AskHead => self.way.head = true,
                Effect::Probe { least } => self.way.probe = Some(least),
                Effect::Watch { from } => {
                    assert_eq!(from, self.machine.read() + 1);
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
                Effect::DropClosed => self.drop_closed(),
                Effect::DropOpen { .. } => self.held.open.clear(),
                Effect::Full { revision, base } => {
                    if base == Base::Continues {
                        assert!(self.machine.stored().is_some());
                    }
                    assert!(self.way.full.is_none(), "one full at a time");
                    self.way.full = Some(Full::Asked(revision));
                    self.way.abandoned = false;
                }
                Effect::AbandonFull => {
                    assert!(self.way.full.is_some() && !self.way.abandoned);
                    self.way.abandoned = true;
                }
                Effect::Hole { first, last } => {
                    assert!(first <= last);
                    self.holes += 1;
                }
                Effect::NewLineage => {
                    self.witness = None;
                    self.lineages += 1;
                    self.lineage = self.lineages;
                }
                Effect::End(Ending::Stored) => assert!(self.held.closed.is_empty()),
                Effect::End(_) => {}
            }
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}", self.seed);
        }
    }
}
