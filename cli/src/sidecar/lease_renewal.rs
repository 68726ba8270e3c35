//! Renews the leases by which etcd-druid sees this member and its backups. What fails is said and tried again, and stops
//! nothing else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kubernetes::content::{Deltas, Full, Member, MemberRole, delta, full, member};
use kubernetes::{Lease, Leases, Renewal, renew};
use server::{Backups, Role, WallClock};
use snapstore::clock::Clock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::cluster::Membership;
use super::election::Serving;

/// The longest rest after a renewal that failed.
const AGAIN: Duration = Duration::from_secs(10);

/// How often leases are renewed where there are no deltas.
pub(super) const WITHOUT_DELTAS: Duration = Duration::from_secs(60);

/// The leases of the backups.
#[derive(Debug, Clone)]
pub(super) struct OfBackups {
    pub(super) full: String,
    pub(super) delta: String,
    /// How often that of the deltas is renewed: their period.
    pub(super) every: Duration,
}

/// Renews them for as long as the sidecar runs.
pub(super) struct LeaseRenewal {
    pub(super) leases: Arc<dyn Leases>,
    /// Those of the backups, if they are renewed.
    pub(super) of_backups: Option<OfBackups>,
    /// How often that of the member is renewed, if it is.
    pub(super) of_member: Option<Duration>,
    pub(super) role: watch::Receiver<Role>,
    pub(super) backups: watch::Receiver<Backups>,
    /// The etcd beside, while it answers.
    pub(super) serving: watch::Receiver<Option<Serving>>,
    pub(super) membership: Arc<Membership>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) now: WallClock,
    /// Why each lease was not renewed the last time.
    pub(super) failing: Mutex<BTreeMap<String, String>>,
}

impl LeaseRenewal {
    pub(super) async fn run(self, stop: CancellationToken) {
        let renewing = async { tokio::join!(self.renew_backups(), self.renew_member()) };
        stop.run_until_cancelled(renewing).await;
    }

    async fn renew_backups(&self) {
        let Some(of) = &self.of_backups else { return };
        let (mut backups, role) = (self.backups.clone(), self.role.clone());
        loop {
            let known = backups.borrow_and_update().clone().believed();
            let leads = *role.borrow() == Role::Leader;
            let is_done = !leads || self.backups_are_told(of, &known).await;
            let wait = if is_done {
                of.every
            } else {
                of.every.min(AGAIN)
            };
            let is_new = |now: &Backups| {
                now.last_full != known.last_full || now.last_delta != known.last_delta
            };
            tokio::select! {
                () = self.clock.sleep(wait) => {}
                // The other end goes with the sidecar.
                _ = backups.wait_for(is_new) => {}
            }
        }
    }

    /// Whether both leases say what is known.
    async fn backups_are_told(&self, of: &OfBackups, known: &Backups) -> bool {
        let mut is_done = true;
        if let Some(taken) = &known.last_full {
            let newest = Full {
                revision: taken.last_revision,
                created: taken.created_on,
            };
            is_done &= self.renew(&of.full, |lease| full(lease, newest)).await;
        }
        // Where nothing is known to be restorable, nothing is said to be.
        if let (Some(restorable), Some(full)) = (&known.restorable, &known.last_full) {
            let deltas = Deltas {
                revision: known.last_delta.as_ref().map(|taken| taken.last_revision),
                full: full.last_revision,
                complete_until: restorable.complete_until,
            };
            is_done &= self.renew(&of.delta, |lease| delta(lease, deltas)).await;
        }
        is_done
    }

    async fn renew_member(&self) {
        let Some(every) = self.of_member else { return };
        let (mut role, mut serving) = (self.role.clone(), self.serving.clone());
        loop {
            let is = *serving.borrow_and_update();
            let known = role.borrow_and_update().clone();
            let is_done = match is {
                Some(is) => self.member_is_told(&is, known).await,
                None => true,
            };
            let wait = if is_done { every } else { every.min(AGAIN) };
            tokio::select! {
                () = self.clock.sleep(wait) => {}
                // Two leases that say Leader would be there until the next time.
                _ = role.changed() => {}
                _ = serving.changed() => {}
            }
        }
    }

    async fn member_is_told(&self, is: &Serving, role: Role) -> bool {
        let role = match role {
            Role::Leader => MemberRole::Leader,
            Role::Follower { .. } => MemberRole::Member,
            // It is one of the two soon.
            Role::Unknown => return true,
        };
        let (name, peers) = match self.membership.for_its_lease().await {
            Ok(told) => told,
            Err(why) => {
                self.failed("of the member", &why);
                return false;
            }
        };
        let is = Member {
            id: is.member,
            cluster: is.cluster,
            role,
            peers,
        };
        let renewal = || member(is, (self.now)());
        self.renew(&name, |_| Some(renewal())).await
    }

    /// Whether the lease says what it should.
    async fn renew(&self, name: &str, decide: impl Fn(&Lease) -> Option<Renewal>) -> bool {
        match renew(&*self.leases, name, decide).await {
            Ok(_) => {
                let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
                if failing.remove(name).is_some() {
                    tracing::info!("the lease {name} is renewed again");
                }
                true
            }
            Err(error) => {
                self.failed(name, &error.to_string());
                false
            }
        }
    }

    /// Once for each reason: it is tried again soon.
    fn failed(&self, name: &str, why: &str) {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        if failing.get(name).is_some_and(|before| before == why) {
            return;
        }
        failing.insert(name.to_owned(), why.to_owned());
        tracing::warn!("the lease {name} is not renewed: {why}; trying again");
    }
}
