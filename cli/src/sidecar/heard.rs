use std::sync::Arc;
use std::time::Duration;

use engine::snapshot::taking::Notice;
use engine::verify::{Proven, Result as VerifyResult};
use engine::{defragment, gc};
use jiff::{SignedDuration, Timestamp};
use page::work::Kind;
use server::{Backups, Failing, Latest, Newest, Proof, Restorable};
use tokio::sync::watch;

use super::in_flight::InFlight;
use super::measured::Measured;
use super::snapshot_view::of_key;
use crate::clock::now;
use crate::following::{Following, Hears};
use crate::hints;
use crate::store_page::listing;

/// What is known of the backups, by what the snapshotter and etcd say.
pub(super) struct Heard {
    backups: watch::Sender<Backups>,
    following: Following,
    measured: Measured,
    in_flight: Arc<InFlight>,
}

const FULL: &str = "full";
const DELTA: &str = "delta";
const SNAPSHOTTER: &str = "snapshotter";
const PROOF: &str = "proof";
const SECOND_STORE: &str = "second store";
const USERS: &str = "users";
const ETCD: &str = "etcd";
const COLLECTION: &str = "collection";

impl Heard {
    pub(super) fn new(
        backups: watch::Sender<Backups>,
        following: Following,
        measured: Measured,
        in_flight: Arc<InFlight>,
    ) -> Self {
        Self {
            backups,
            following,
            measured,
            in_flight,
        }
    }

    /// What the store held when the member began to lead.
    pub(super) fn found(&self, latest: Latest) {
        self.measured.found(&latest);
        self.backups.send_modify(|backups| {
            backups.next_full = latest
                .full_snapshot
                .as_ref()
                .and_then(|full| self.following.next_full(full.created_on));
            backups.stored_at = latest.full_snapshot.as_ref().map(|_| now());
            backups.last_full = latest.full_snapshot;
            backups.last_delta = latest.delta_snapshots.and_then(|mut deltas| deltas.pop());
        });
    }

    /// etcd has said how far it is.
    pub(super) fn etcd_is_at(&self, revision: i64) {
        let read_at = now();
        self.backups.send_modify(|backups| {
            backups.newest = Some(Newest { revision, read_at });
            if let Some(restorable) = &mut backups.restorable
                && restorable.revision >= revision
            {
                restorable.complete_until = read_at;
            }
        });
    }

    /// Whether etcd answers, or why it does not.
    pub(super) fn etcd_answers(&self, answers: Result<(), &str>) {
        match answers {
            Ok(()) => self.succeeds(&[ETCD]),
            Err(why) => self.fails(ETCD, why),
        }
    }

    /// No snapshotter runs any more.
    pub(super) fn has_ended(&self, why: &str) {
        self.measured.has_ended();
        self.fails(SNAPSHOTTER, why);
    }

    /// What was copied to the second store is all there, or why not.
    pub(super) fn second_store(&self, fails: Option<&str>) {
        match fails {
            Some(why) => self.fails(SECOND_STORE, why),
            None => self.succeeds(&[SECOND_STORE]),
        }
    }

    /// Another member leads, and knows.
    pub(super) fn is_left(&self) {
        self.backups
            .send_modify(|backups| *backups = Backups::default());
    }

    fn fails(&self, what: &str, why: &str) {
        self.backups.send_modify(|backups| {
            let known = backups.failing.iter_mut().find(|one| one.what == what);
            match known {
                Some(known) => why.clone_into(&mut known.why),
                None => backups.failing.push(Failing {
                    what: what.to_owned(),
                    since: now(),
                    why: why.to_owned(),
                }),
            }
        });
    }

    fn succeeds(&self, what: &[&str]) {
        self.backups.send_if_modified(|backups| {
            let before = backups.failing.len();
            backups
                .failing
                .retain(|one| !what.contains(&one.what.as_str()));
            backups.failing.len() != before
        });
    }

    /// A collection has listed the store.
    fn listed(&self, report: &gc::Report, took: Duration) {
        let ended = now();
        let began = SignedDuration::try_from(took)
            .ok()
            .and_then(|took| ended.checked_sub(took).ok());
        let listing = Arc::new(listing(&report.held, began.unwrap_or(ended), None));
        self.backups
            .send_modify(|backups| backups.listing = Some(listing));
    }

    /// The store leads to this revision now; all of it was there at `since`.
    fn reaches(&self, revision: i64, since: Timestamp) {
        self.backups.send_modify(|backups| {
            let before = backups.restorable.as_ref();
            let is_further = before.is_none_or(|before| before.revision <= revision);
            if is_further {
                backups.restorable = Some(Restorable {
                    revision,
                    complete_until: since,
                });
            }
        });
    }
}

impl Hears for Heard {
    fn notice(&self, notice: &Notice<'_>) {
        self.measured.notice(notice);
        self.in_flight.notice(notice);
        match notice {
            Notice::Continues { revision, .. } => self.reaches(*revision, now()),
            // What the store led to was of another history.
            // Or it is gone.
            Notice::NewLineage { .. } | Notice::ChainLost { .. } => self
                .backups
                .send_modify(|backups| backups.restorable = None),
            Notice::FullTaken(full) => {
                // None is taken of an etcd that refuses what is asked.
                self.succeeds(&[FULL, SNAPSHOTTER, USERS]);
                self.reaches(full.reaches(), full.name.created_at().unwrap_or_else(now));
                let taken = of_key(full.key.as_str()).ok();
                self.backups.send_modify(|backups| {
                    backups.next_full = taken
                        .as_ref()
                        .and_then(|full| self.following.next_full(full.created_on));
                    backups.last_full = taken;
                    backups.last_delta = None;
                    backups.stored_at = Some(now());
                });
            }
            Notice::DeltaTaken(delta) => {
                self.succeeds(&[DELTA, SNAPSHOTTER]);
                self.reaches(delta.name.last, delta.name.created_at().unwrap_or_else(now));
                let taken = of_key(&delta.name.to_string()).ok();
                self.backups.send_modify(|backups| {
                    backups.last_delta = taken;
                    backups.stored_at = Some(now());
                });
            }
            Notice::FullFailed(error) => {
                self.fails(FULL, &hints::after(&error.to_string(), &error.hints()));
            }
            Notice::DeltaFailed { error, .. } => {
                self.fails(DELTA, &hints::after(&error.to_string(), &error.hints()));
            }
            Notice::Refused(error) => self.fails(USERS, &error.to_string()),
            _ => {}
        }
    }

    fn proven(&self, proven: &VerifyResult<Proven>) {
        self.measured.proven(proven);
        self.in_flight.end(Kind::Proof);
        match proven {
            Ok(proven) => {
                self.succeeds(&[PROOF]);
                self.backups.send_modify(|backups| {
                    backups.proofs.retain(|proof| proof.tier != proven.tier);
                    backups.proofs.push(Proof {
                        tier: proven.tier,
                        made_at: proven.at,
                        revision: proven.revision,
                    });
                });
            }
            Err(engine::verify::Error::Nothing(_) | engine::verify::Error::Interrupted) => {}
            Err(error) => self.fails(PROOF, &error.to_string()),
        }
    }

    fn collected(&self, collected: &gc::Result<gc::Report>, took: Duration) {
        self.measured.collected(collected, took);
        if let Ok(report) = collected {
            self.listed(report, took);
        }
        match collected {
            Ok(report) if report.failed == 0 => self.succeeds(&[COLLECTION]),
            Ok(report) => self.fails(
                COLLECTION,
                &format!("{} objects could not be deleted", report.failed),
            ),
            Err(error) => self.fails(COLLECTION, &error.to_string()),
        }
    }

    fn defragments(&self) {
        self.in_flight.begin(Kind::Defragmentation);
    }

    fn defragmented(&self, defragmented: &defragment::Result<defragment::Report>) {
        self.measured.defragmented(defragmented);
        self.in_flight.end(Kind::Defragmentation);
    }
}
