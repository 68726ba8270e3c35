//! A load on the etcd of a cluster, and what it has acknowledged.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use base64_simd::STANDARD;
use serde_json::{Value, json};
use testkit::acknowledged::Writes;
use testkit::etcd::State;
use testkit::wait;

use crate::http::{Request, ask};
use crate::place::Door;
use crate::pod::Pod;

/// Between two writes.
const PAUSE: Duration = Duration::from_millis(10);

/// An answer that takes longer is none: it is not known whether it was written.
const ANSWERED_WITHIN: Duration = Duration::from_secs(8);

/// So many keys are written over and over.
const KEYS: u32 = 50;

/// All of its keys lie between these.
pub(crate) const FIRST: &str = "load/";
const END: &str = "load0";

/// Puts and deletes one after another, through whichever member takes them, until it is dropped.
pub(crate) struct Load {
    writes: Arc<Mutex<Writes>>,
    over: Arc<AtomicBool>,
    writer: Option<JoinHandle<()>>,
}

struct Writer {
    doors: Vec<Door>,
    at: usize,
    random: fastrand::Rng,
    number: u64,
}

impl Load {
    pub(crate) fn on(pods: &[Pod], seed: u64) -> Self {
        let writer = Writer {
            doors: pods.iter().map(Pod::door).collect(),
            at: 0,
            random: fastrand::Rng::with_seed(seed),
            number: 0,
        };
        let (writes, over) = (
            Arc::<Mutex<Writes>>::default(),
            Arc::<AtomicBool>::default(),
        );
        let (to, until) = (writes.clone(), over.clone());
        let writer = thread::spawn(move || writer.run(&to, &until));
        Self {
            writes,
            over,
            writer: Some(writer),
        }
    }

    /// What was acknowledged. Nothing is written as long as it is held.
    pub(crate) fn paused(&self) -> MutexGuard<'_, Writes> {
        self.writes.lock().unwrap()
    }

    /// Waits until so much more was acknowledged.
    pub(crate) fn goes_on(&self, pod: &Pod, by: u64) {
        let wanted = self.paused().count() + by;
        pod.until("writes are acknowledged", |_| {
            self.paused().count() >= wanted
        });
    }

    /// What a member holds otherwise than it was acknowledged, asked while nothing is written; and the revision of that.
    pub(crate) fn difference(&self, pod: &Pod) -> (Option<String>, i64) {
        difference(&self.paused(), pod)
    }
}

/// The same for whoever holds them.
pub(crate) fn difference(writes: &Writes, pod: &Pod) -> (Option<String>, i64) {
    let all = json!({"key": STANDARD.encode_to_string(FIRST), "range_end": STANDARD.encode_to_string(END)});
    let state = pod.etcd_at_last("kv/range", &all);
    let state: State = serde_json::from_value(state).unwrap();
    (writes.difference(&state), state.revision())
}

impl Drop for Load {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(writer) = self.writer.take() {
            // One that panicked has said so.
            let _ = writer.join();
        }
    }
}

impl Writer {
    fn run(mut self, writes: &Mutex<Writes>, over: &AtomicBool) {
        while !over.load(Ordering::Relaxed) {
            if let Ok(mut writes) = writes.lock() {
                self.write(&mut writes);
            }
            wait::pass(PAUSE);
        }
    }

    fn write(&mut self, writes: &mut Writes) {
        let door = &self.doors[self.at];
        let Some(stream) = door.open() else {
            // Nothing was asked.
            self.at = (self.at + 1) % self.doors.len();
            return;
        };
        self.number += 1;
        let key = format!("{FIRST}{}", self.random.u32(..KEYS));
        let value = (self.random.u8(..) > 15).then(|| self.value());
        let (path, body) = asked(&key, value.as_deref());
        let request = Request {
            method: "POST",
            path,
            body: &body.to_string(),
            token: None,
        };
        let answer = ask(stream, ANSWERED_WITHIN, request);
        let taken = answer.filter(|answer| answer.status == 200);
        let value = value.map(String::into_bytes);
        match taken.and_then(|answer| revision(&answer.body)) {
            Some(revision) => writes.taken(key.as_bytes(), value, revision),
            None => {
                writes.unknown(key.as_bytes(), value);
                self.at = (self.at + 1) % self.doors.len();
            }
        }
    }

    /// One that no other write has.
    fn value(&mut self) -> String {
        let length = self.random.usize(20..400);
        let text = |random: &mut fastrand::Rng| random.alphanumeric();
        let rest: String = (0..length).map(|_| text(&mut self.random)).collect();
        format!("{} {rest}", self.number)
    }
}

fn asked(key: &str, value: Option<&str>) -> (&'static str, Value) {
    let key = STANDARD.encode_to_string(key);
    match value {
        Some(value) => {
            let value = STANDARD.encode_to_string(value);
            ("/v3/kv/put", json!({"key": key, "value": value}))
        }
        None => ("/v3/kv/deleterange", json!({"key": key})),
    }
}

fn revision(answer: &str) -> Option<i64> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    answer["header"]["revision"].as_str()?.parse().ok()
}
