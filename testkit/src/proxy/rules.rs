use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hyper::{HeaderMap, Request};

use super::{Fault, Match};

/// What is to be spoiled, and what was.
#[derive(Debug, Default)]
pub(super) struct Rules(Mutex<Ledger>);

#[derive(Debug, Default)]
struct Ledger {
    rules: Vec<Rule>,
    requests: BTreeMap<String, u64>,
    /// `METHOD target` of each, from when they were to be kept.
    kept: Option<Vec<String>>,
    /// Of each header, the value that came last.
    headers: HeaderMap,
    words: Vec<Words>,
    hidden: Vec<&'static str>,
    suffered: u64,
    carried: u64,
}

/// What a server says, and what it should say.
pub(super) type Words = (&'static str, &'static str);

#[derive(Debug)]
struct Rule {
    fault: Fault,
    on: Match,
    /// So many that fit go free first.
    free: u32,
    /// So many suffer then.
    left: u32,
}

/// All that happens to one request.
#[derive(Debug, Default)]
pub(super) struct Disposition {
    pub(super) latency: Duration,
    /// In bytes a second.
    pub(super) rate: Option<u64>,
    pub(super) fault: Option<Fault>,
}

impl Rules {
    pub(super) fn add(&self, fault: Fault, on: Match, times: u32) {
        self.ledger().rules.push(Rule {
            free: on.after,
            fault,
            on,
            left: times,
        });
    }

    pub(super) fn clear(&self) {
        self.ledger().rules.clear();
    }

    pub(super) fn requests(&self, method: &str) -> u64 {
        self.ledger().requests.get(method).copied().unwrap_or(0)
    }

    pub(super) fn keep_requests(&self) {
        self.ledger().kept.get_or_insert_default();
    }

    pub(super) fn kept_requests(&self) -> Vec<String> {
        self.ledger().kept.clone().unwrap_or_default()
    }

    pub(super) fn reword(&self, from: &'static str, to: &'static str) {
        self.ledger().words.push((from, to));
    }

    pub(super) fn words(&self) -> Vec<Words> {
        self.ledger().words.clone()
    }

    pub(super) fn hide(&self, name: &'static str) {
        self.ledger().hidden.push(name);
    }

    pub(super) fn hidden(&self) -> Vec<&'static str> {
        self.ledger().hidden.clone()
    }

    pub(super) fn heard(&self, name: &'static str) -> Option<String> {
        let ledger = self.ledger();
        let value = ledger.headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    }

    pub(super) fn carried(&self) -> u64 {
        self.ledger().carried
    }

    pub(super) fn carry(&self, bytes: Option<u64>) {
        self.ledger().carried += bytes.unwrap_or(0);
    }

    pub(super) fn suffered(&self) -> u64 {
        self.ledger().suffered
    }

    /// Decides what happens to `request`, and counts it.
    pub(super) fn disposition<B>(&self, request: &Request<B>) -> Disposition {
        let mut ledger = self.ledger();
        let method = request.method().to_string();
        *ledger.requests.entry(method).or_default() += 1;
        if let Some(kept) = &mut ledger.kept {
            let target = request.uri().path_and_query();
            let target = target.map_or("", |target| target.as_str());
            kept.push(format!("{} {target}", request.method()));
        }
        for (name, value) in request.headers() {
            ledger.headers.insert(name.clone(), value.clone());
        }
        let mut disposition = Disposition::default();
        let mut suffered = 0;
        for rule in ledger.rules.iter_mut().filter(|rule| rule.on.fits(request)) {
            if rule.free > 0 {
                rule.free -= 1;
            } else if rule.left > 0 && disposition.takes(&rule.fault) {
                // Forever is not counted down.
                rule.left -= u32::from(rule.left != u32::MAX);
                suffered += 1;
            }
        }
        ledger.suffered += suffered;
        disposition
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disposition {
    /// Adds a fault, unless one is there beside which it cannot happen.
    fn takes(&mut self, fault: &Fault) -> bool {
        match fault {
            Fault::Latency(latency) => self.latency += *latency,
            Fault::Slow(rate) => self.rate = Some(self.rate.unwrap_or(*rate).min(*rate)),
            _ if self.fault.is_some() => return false,
            other => self.fault = Some(other.clone()),
        }
        true
    }
}
