//! What a day of backups asks of a store and puts into it, once the store has come to hold what retention leaves. Pure: time is a
//! number.

use engine::backups::{Compression, Encoding, Kind, SnapshotName};
use engine::retention::{Choice, Item, Origin, Policy, ProofRule, Rules, Scope, decide};
use engine::schedule::Schedule;
use engine::snapshot::machine;
use jiff::{SignedDuration, Timestamp};
use snapstore::{Key, Sending};

use crate::requests::Requests;
use crate::settings::Setting;
use crate::steps::{Chain, Found, collection, delta, full, look, thorough_look};

const DAY: i64 = 24 * 60 * MINUTE;
const MINUTE: i64 = 60_000;

/// After so many days no policy of the page keeps more.
const DAYS: i64 = 40;

/// What comes of a setting.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Day {
    pub(crate) fulls: u64,
    pub(crate) deltas: u64,
    pub(crate) requests: Requests,
    /// Bytes that go to the store, but for metadata.
    pub(crate) sent: u64,
    /// Snapshots at the end of the day.
    pub(crate) kept: u64,
    /// Bytes of them.
    pub(crate) stored: u64,
}

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Delta,
    Full,
    Collection,
    Look,
}

/// A store that fills, in milliseconds since 1970.
struct Filling<'a> {
    setting: &'a Setting,
    schedule: Schedule,
    now: i64,
    items: Vec<Item>,
    revision: i64,
    chain: Chain,
    looks: u32,
    /// Whether deltas are taken: those that are gone long before the day that counts need not be.
    with_deltas: bool,
    /// The day of the last collection, while one a day is enough.
    collected: Option<i64>,
    counts: Option<Day>,
}

/// The last of many days. Of most of them one collection leaves what all of its collections would.
pub(crate) fn day(setting: &Setting) -> Day {
    let begins = 20_000 * DAY;
    let mut filling = Filling {
        setting,
        schedule: Schedule::parse(setting.schedule).unwrap(),
        now: begins,
        items: Vec::new(),
        revision: 1,
        chain: Chain::Full,
        looks: 0,
        with_deltas: false,
        collected: Some(0),
        counts: None,
    };
    filling.run(begins + (DAYS - 3 - days_of_deltas(setting.policy)) * DAY);
    filling.with_deltas = true;
    filling.run(begins + (DAYS - 2) * DAY);
    filling.collected = None;
    filling.run(begins + (DAYS - 1) * DAY);
    filling.counts = Some(Day::default());
    filling.run(begins + DAYS * DAY);
    let mut day = filling.counts.unwrap_or_default();
    day.kept = filling.items.len() as u64;
    day.stored = filling.items.iter().map(|item| item.bytes).sum();
    day
}

/// How long deltas of older chains stay.
fn days_of_deltas(policy: Policy) -> i64 {
    match policy {
        Policy::Window(window) => window.within.as_secs() / 86_400,
        Policy::Exponential | Policy::LimitBased { .. } => 0,
    }
}

/// How deltas follow one another while writes come evenly.
struct Deltas {
    /// When the open one is stored; `None`: nothing is written.
    due: Option<i64>,
    between: i64,
    events: u64,
}

impl Deltas {
    /// One begins with its first write and ends a period later, or when it is as long as it may be.
    fn begin(setting: &Setting, now: i64) -> Self {
        let load = setting.load;
        let Some(apart) = load.between else {
            return Self {
                due: None,
                between: 0,
                events: 0,
            };
        };
        let period = i64::try_from(setting.delta_period.as_millis()).unwrap();
        let limit = machine::Policy::default().limit.div_ceil(load.event);
        let events = (period / apart + 1).min(limit.try_into().unwrap());
        Self {
            due: Some(now + events * apart),
            between: events * apart,
            events: events.try_into().unwrap(),
        }
    }
}

impl Filling<'_> {
    fn run(&mut self, until: i64) {
        let mut deltas = Deltas::begin(self.setting, self.now);
        deltas.due = deltas.due.filter(|_| self.with_deltas);
        let mut look = self.now + MINUTE;
        let mut full = self.next_full(self.now - 1);
        let mut collect = None;
        loop {
            let due = [
                deltas.due.map(|due| (due, Event::Delta)),
                Some((full, Event::Full)),
                collect.map(|due| (due, Event::Collection)),
                Some((look, Event::Look)),
            ];
            let Some((now, event)) = due.into_iter().flatten().min() else {
                return;
            };
            if now >= until {
                self.now = until;
                return;
            }
            self.now = now;
            match event {
                Event::Delta => {
                    self.delta(deltas.events);
                    deltas.due = Some(now + deltas.between);
                }
                Event::Full => {
                    self.full();
                    full = self.next_full(now);
                    let after = i64::try_from(self.setting.collect_after.as_millis()).unwrap();
                    collect = Some(now + after);
                }
                Event::Collection => {
                    self.collect();
                    collect = None;
                }
                Event::Look => {
                    self.look();
                    look += MINUTE;
                }
            }
        }
    }

    fn next_full(&self, after: i64) -> i64 {
        let after = Timestamp::from_millisecond(after).unwrap();
        self.schedule.next_after(after).unwrap().as_millisecond()
    }

    fn ask(&mut self, requests: Requests, sent: u64) {
        if let Some(day) = &mut self.counts {
            day.requests += requests;
            day.sent += sent;
        }
    }

    fn delta(&mut self, events: u64) {
        let bytes = events * self.setting.load.event;
        self.ask(delta(self.chain), bytes);
        self.chain = Chain::Deltas;
        if let Some(day) = &mut self.counts {
            day.deltas += 1;
        }
        let first = self.revision + 1;
        self.revision += i64::try_from(events).unwrap();
        self.put(Kind::Delta, first, bytes);
    }

    fn full(&mut self) {
        let bytes = self.setting.load.full;
        self.ask(full(bytes, Sending::default().part_size), bytes);
        self.chain = Chain::Full;
        if let Some(day) = &mut self.counts {
            day.fulls += 1;
        }
        self.put(Kind::Full, 0, bytes);
    }

    fn put(&mut self, kind: Kind, first: i64, bytes: u64) {
        let name = SnapshotName {
            kind,
            first,
            last: self.revision,
            // A full is one second later than the delta that ends there.
            created: self.now.div_euclid(1_000) + i64::from(kind == Kind::Full),
            encoding: Encoding::Plain(Compression::Gzip),
            is_final: false,
        };
        self.items.push(Item {
            key: Key::new(format!("v2/{name}")).unwrap(),
            name,
            bytes,
            written: None,
            immutable_until: None,
            origin: Origin::Unknown,
            proven: false,
            keep: false,
        });
    }

    fn look(&mut self) {
        self.looks += 1;
        let snapshots = self.items.len() as u64;
        let requests = match self.looks.is_multiple_of(60) {
            true => thorough_look(self.chain, snapshots),
            false => look(self.chain),
        };
        self.ask(requests, 0);
    }

    fn collect(&mut self) {
        let today = self.now.div_euclid(DAY);
        if self.collected == Some(today) {
            return;
        }
        self.collected = self.collected.map(|_| today);
        let now = Timestamp::from_millisecond(self.now).unwrap();
        let decision = decide(&self.items, now, &rules(self.setting.policy));
        let snapshots = self.items.len() as u64;
        let mut choices = decision.choices.iter();
        self.items
            .retain(|_| matches!(choices.next(), Some(Choice::Keep(_))));
        let deleted = snapshots - self.items.len() as u64;
        let found = Found { snapshots, deleted };
        self.ask(collection(found), 0);
    }
}

fn rules(policy: Policy) -> Rules {
    Rules {
        policy,
        delta_retention: SignedDuration::ZERO,
        upload_deadline: SignedDuration::from_mins(10),
        proof: ProofRule::NotNeeded,
        scope: Scope::Newest,
    }
}

/// What is deleted in a day is what was written in one, once the store has come to hold what it keeps.
#[test]
fn what_is_planned_follows_from_its_parts() {
    let setting = &crate::settings::all()[1];
    let day = day(setting);
    assert_eq!(day.fulls, 24);
    // A delta ends 20 s after its first write, and the next one begins with the next write.
    assert!((4_290..=4_320).contains(&day.deltas), "{day:?}");
    let parts = setting.load.full.div_ceil(5 << 20);
    let objects = 2 * day.deltas + day.fulls * (parts + 1);
    assert_eq!(day.requests.put, objects);
    assert_eq!(day.requests.post, 2 * day.fulls);
    // As much goes as comes.
    let snapshots = day.fulls + day.deltas;
    let deleted = day.requests.delete / 2;
    assert!(deleted.abs_diff(snapshots) < 200, "{day:?}");
}
