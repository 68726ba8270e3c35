use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use fastrand::Rng;
use serde_json::{Value, json};

use super::clients::Client;
use super::kv_load::{self, Expiry, Flushes};
use super::users_load::{self, ROOT};
use crate::etcd::Etcd;
use crate::wait;

/// Longer than a load takes on a busy machine.
const LOADED: Duration = Duration::from_secs(120);

/// What a run does to its etcd.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) requests: u32,
    pub(super) clients: u32,
    pub(super) users: bool,
    pub(super) alarms: bool,
    pub(super) learners: bool,
    pub(super) expiry: Expiry,
    pub(super) flushes: Flushes,
}

/// What the clients know of each other.
#[derive(Debug, Default)]
struct Shared {
    asked: AtomicU32,
    revision: AtomicI64,
    over: AtomicBool,
}

impl Plan {
    pub(super) fn random(rng: &mut Rng) -> Self {
        let users = rng.u8(0..5) < 2;
        // Both together are what etcds treat differently; that has a share of its own.
        let alarms = rng.u8(0..if users { 40 } else { 5 }) == 0;
        Self {
            requests: rng.u32(1..700),
            clients: if rng.bool() { 1 } else { 4 },
            users,
            alarms,
            learners: rng.u8(0..10) == 0,
            // With an alarm of corruption no lease ends.
            expiry: if !alarms && rng.u8(0..10) == 0 {
                Expiry::Soon
            } else {
                Expiry::Never
            },
            flushes: if rng.bool() {
                Flushes::Some
            } else {
                Flushes::None
            },
        }
    }

    /// Asks random things of `etcds`; calls `halfway` when half of them were asked, and `kill` when
    /// all were, while the clients go on.
    pub(super) fn play(
        &self,
        etcds: &[Etcd],
        rng: &mut Rng,
        halfway: impl FnOnce(),
        kill: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let first = etcds.first().context("an etcd to ask")?;
        if self.users {
            let mut client = Client::default();
            for (rpc, request) in users_load::setup() {
                client.ask(first, None, rpc, &request)?;
            }
        }
        let shared = Shared::default();
        thread::scope(|scope| {
            for client in 0..self.clients {
                let etcd = &etcds[client as usize % etcds.len()];
                let (rng, shared) = (Rng::with_seed(rng.u64(..)), &shared);
                scope.spawn(move || self.client(etcd, rng, shared));
            }
            let killed = self.kill_when_done(first, &shared, halfway, kill);
            // The survivors would be asked for ever.
            shared.over.store(true, Ordering::Relaxed);
            killed
        })
    }

    fn kill_when_done(
        &self,
        etcd: &Etcd,
        shared: &Shared,
        halfway: impl FnOnce(),
        kill: impl FnOnce() -> Result<()>,
    ) -> Result<()> {
        let asked = |enough: u32| {
            wait::until("the load is done", LOADED, || {
                let asked = shared.asked.load(Ordering::Relaxed);
                Ok((asked >= enough).then_some(()))
            })
        };
        asked(self.requests / 2)?;
        halfway();
        asked(self.requests)?;
        if self.expiry == Expiry::Soon {
            outlive(etcd)?;
        }
        kill()
    }

    /// Asks until the etcd is gone; one client alone only until enough was asked.
    fn client(&self, etcd: &Etcd, mut rng: Rng, shared: &Shared) {
        let mut client = Client::default();
        loop {
            let asked = shared.asked.load(Ordering::Relaxed);
            if shared.over.load(Ordering::Relaxed) {
                return;
            }
            if asked >= self.requests && (self.clients == 1 || self.expiry == Expiry::Soon) {
                return;
            }
            let (user, rpc, request) = self.request(&mut rng, shared);
            match client.ask(etcd, user, rpc, &request) {
                Ok(Some(answer)) => note_revision(&answer, shared),
                Ok(None) => {}
                // It is dead.
                Err(_) => {
                    shared.asked.fetch_max(self.requests, Ordering::Relaxed);
                    return;
                }
            }
            shared.asked.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn request(
        &self,
        rng: &mut Rng,
        shared: &Shared,
    ) -> (Option<&'static str>, &'static str, Value) {
        let root = self.users.then_some(ROOT);
        match rng.u8(0..100) {
            0..8 if self.users => {
                let (rpc, request) = users_load::request(rng);
                (root, rpc, request)
            }
            8..12 if self.alarms => {
                let action = if rng.u8(0..3) == 0 {
                    "ACTIVATE"
                } else {
                    "DEACTIVATE"
                };
                let alarm = if rng.u8(0..4) == 0 {
                    "CORRUPT"
                } else {
                    "NOSPACE"
                };
                let request = json!({"action": action, "memberID": "7", "alarm": alarm});
                (root, "maintenance/alarm", request)
            }
            12..14 if self.learners => {
                let url = format!("http://127.0.0.1:{}", rng.u16(1..5));
                let request = json!({"peerURLs": [url], "isLearner": true});
                (root, "cluster/member/add", request)
            }
            _ => {
                let user = self.users.then(|| users_load::anybody(rng));
                let revision = shared.revision.load(Ordering::Relaxed);
                let (rpc, request) = kv_load::request(rng, self.expiry, self.flushes, revision);
                (user, rpc, request)
            }
        }
    }
}

fn note_revision(answer: &Value, shared: &Shared) {
    let revision = answer["header"]["revision"].as_str();
    if let Some(revision) = revision.and_then(|revision| revision.parse().ok()) {
        shared.revision.fetch_max(revision, Ordering::Relaxed);
    }
}

/// Waits until no lease is left that ends soon: those would end on the copy too. An etcd that has
/// died of its load has none.
fn outlive(etcd: &Etcd) -> Result<()> {
    let mut client = Client::default();
    wait::until("short leases end", LOADED, || {
        let left = short_lease_left(etcd, &mut client).unwrap_or(false);
        Ok((!left).then_some(()))
    })
}

fn short_lease_left(etcd: &Etcd, client: &mut Client) -> Result<bool> {
    let Some(answer) = client.ask(etcd, Some(ROOT), "lease/leases", &json!({}))? else {
        return Ok(true);
    };
    for lease in answer["leases"].as_array().into_iter().flatten() {
        let request = json!({"ID": lease["ID"]});
        let time = client.ask(etcd, Some(ROOT), "lease/timetolive", &request)?;
        let granted = time.as_ref().and_then(|time| time["grantedTTL"].as_str());
        if granted.is_some_and(|ttl| ttl.len() < 3) {
            return Ok(true);
        }
    }
    Ok(false)
}
