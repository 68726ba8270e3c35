//! What is wrong, and what to do about it.

use std::time::Duration;

use super::level::Level;
use super::listed_troubles::of_listing;
use super::reach::Loss;
use super::trouble::{Trouble, trouble};
use crate::drill::{Drill, Verdict};
use crate::known::Known;
use crate::members::Said;
use crate::sidecar::{Failing, Member, Role, Sidecar, Word};
use crate::store::Store;
use crate::words::{ago, duration, moment};

/// Longer than any schedule of fulls that is usual.
const LONG_AGO: Duration = Duration::from_hours(25);

/// The part of its quota from which a database needs room.
const NEARLY_FULL: f64 = 0.9;

/// The worst first.
pub(super) fn troubles(known: &Known) -> Vec<Trouble> {
    let mut all = Vec::new();
    if let Some(at) = known.ahead() {
        let what = format!(
            "The clock of this machine is behind: it is {} here, and the newest snapshot is of {}. Ages and losses on this page are not known.",
            moment(known.now),
            moment(at)
        );
        all.push(trouble(Level::Attention, what, "Set the clock, and keep it by NTP: a restore to a time goes by the clocks that named the snapshots."));
    }
    if let Some(sidecar) = &known.sidecar {
        of_sidecar(known, sidecar, &mut all);
    }
    match &known.store {
        Some(store) => of_store(known, store, &mut all),
        None => all.push(trouble(
            Level::Problem,
            "No store is configured.",
            "Start the sidecar with a store of its own: docs/server.md and docs/providers.md say how.",
        )),
    }
    all.sort_by_key(|one| std::cmp::Reverse(one.level));
    all
}

fn of_sidecar(known: &Known, sidecar: &Sidecar, all: &mut Vec<Trouble>) {
    all.extend(
        sidecar
            .backups
            .failing
            .iter()
            .map(|one| failing(known, one)),
    );
    let initialization = &sidecar.initialization;
    if initialization.state != Word::Successful
        && let Some(why) = &initialization.last_error
    {
        let what = format!("The last initialization of the data directory failed: {why}.");
        all.push(trouble(Level::Problem, what, "It is tried again when etcd is started. What to do for each verdict stands in docs/initialization.md."));
    }
    if let Some(member) = &sidecar.member {
        of_member(member, all);
    }
    all.extend(silent(known, sidecar));
    // What is gone from the store is no lag.
    let is_lag_of_its_own = sidecar.role != Role::Unknown && !known.is_contradicted();
    let lag = sidecar
        .delta_period
        .map(|period| period * 2 + Duration::from_secs(60));
    if let (Some(lag), Some(Loss::Since(time, _)), true) = (lag, known.loss(), is_lag_of_its_own)
        && time > lag
    {
        let what = format!(
            "The backups lag: nothing that etcd wrote in the last {} is stored, and a delta is due each {}.",
            duration(time),
            duration(sidecar.delta_period.unwrap_or_default())
        );
        all.push(trouble(Level::Attention, what, "Look at the log of the sidecar that leads; a delta can be asked for with POST /snapshot/delta."));
    }
}

fn failing(known: &Known, failing: &Failing) -> Trouble {
    let never_answered = (known.sidecar.as_ref()).is_some_and(|one| one.backups.newest.is_none());
    let (level, called, remedy) = match failing.what.as_str() {
        "full" => (
            Level::Problem,
            "No full can be taken",
            "It is tried again by itself. Until it succeeds, deltas go on where they can, and restores take longer.",
        ),
        "delta" => (
            Level::Problem,
            "No delta can be stored",
            "It is tried again by itself. Until it succeeds, what etcd writes is lost with it: mend what the reason names.",
        ),
        "snapshotter" => (
            Level::Problem,
            "No backups are taken",
            "It is tried again by itself. Until it succeeds, what etcd writes is lost with it: mend what the reason names.",
        ),
        "etcd" if never_answered => (
            Level::Unknown,
            "etcd has not answered yet",
            "Look at the log of etcd, unless it is about to be started.",
        ),
        "etcd" => (
            Level::Problem,
            "etcd does not answer",
            "Look at the log of etcd. Backups go on by themselves once it answers.",
        ),
        "users" => (
            Level::Problem,
            "etcd refuses what a full needs",
            "Give the sidecar a user of etcd with the role root, or a certificate of one.",
        ),
        "proof" => (
            Level::Problem,
            "The backups could not be proven",
            "Run `etcdbrctl verify` on the store: it names the object that is damaged or missing. Then take a full.",
        ),
        "second store" => (
            Level::Attention,
            "The second store does not hold all",
            "Copies go on by themselves. Until then there is one store alone.",
        ),
        "collection" => (
            Level::Attention,
            "Garbage cannot be collected",
            "The store grows. It may refuse deletions by its rights or by a retention of its own.",
        ),
        _ => (
            Level::Attention,
            "Something fails",
            "It is tried again by itself: look at the log of the sidecar.",
        ),
    };
    let since = ago(failing.fault.since, known.now);
    trouble(
        level,
        format!("{called}, the first time {since}: {}.", failing.fault.why),
        remedy,
    )
}

fn of_member(member: &Member, all: &mut Vec<Trouble>) {
    for alarm in &member.alarms {
        all.push(trouble(Level::Problem, format!("etcd raises an alarm: {alarm}."), "With NOSPACE etcd takes no writes: compact and defragment it, raise its quota, then take the alarm back. With CORRUPT replace the member."));
    }
    let used = member
        .quota
        .map(|quota| member.db_bytes as f64 / quota.max(1) as f64);
    if used.is_some_and(|used| used > NEARLY_FULL) {
        all.push(trouble(Level::Attention, "The database of etcd has nearly reached its quota.", "Compact etcd, defragment it (`etcdbrctl defragment`), or raise the quota, before it takes no writes any more."));
    }
    if member.is_learner {
        all.push(trouble(
            Level::Good,
            "This etcd is a learner: it has no vote yet.",
            "It gets its vote by itself once it has caught up.",
        ));
    }
}

/// A rehearsal that went wrong says what the day of need would be.
fn of_drill(known: &Known, drill: &Drill) -> Option<Trouble> {
    match drill {
        Drill::Made {
            at,
            verdict: Verdict::Differs | Verdict::Failed,
            why,
            ..
        } => {
            let why = why.as_deref().unwrap_or("its report says more");
            let when = ago(*at, known.now);
            Some(trouble(
                Level::Problem,
                format!("The last drill, {when}, did not pass: {why}."),
                "A restore would come to the same: do what the reason names, then run `etcdbrctl drill` again.",
            ))
        }
        Drill::Unreadable(why) => Some(trouble(
            Level::Attention,
            format!("The report of the last drill cannot be read: {why}."),
            "Run `etcdbrctl drill` again: it writes the report anew.",
        )),
        Drill::Unnamed | Drill::Never | Drill::Made { .. } => None,
    }
}

/// Members that do not answer, of whom one more may be the quorum.
fn silent(known: &Known, sidecar: &Sidecar) -> impl Iterator<Item = Trouble> {
    let members = sidecar.members.iter().flatten();
    members.filter_map(|member| {
        let Said::Nothing { since, why } = &member.said else {
            return None;
        };
        Some(trouble(
            Level::Attention,
            format!(
                "Member {} does not answer, the first time {}: {why}.",
                member.name,
                ago(*since, known.now)
            ),
            "Look at the log of its etcd and of its sidecar. etcd takes writes as long as more than half of its members serve.",
        ))
    })
}

fn of_store(known: &Known, store: &Store, all: &mut Vec<Trouble>) {
    all.extend(of_drill(known, &store.drill));
    if let Some(fault) = &store.fault {
        let what = format!(
            "The store could not be listed, the first time {}: {}.",
            ago(fault.since, known.now),
            fault.why
        );
        all.push(trouble(Level::Problem, what, "Check the network, the credentials and the bucket. It is listed again by itself; what this page shows of it is as old as it says."));
    }
    let Some(listing) = &store.listing else {
        return;
    };
    if known.reach().is_none() && known.has_etcd_or_none_is_asked() {
        let what = "No state can be restored.";
        all.push(trouble(Level::Problem, what, "Check that this is the place where the backups are, and take a full (`etcdbrctl snapshot full`, or POST /snapshot/full of the sidecar)."));
    }
    of_listing(listing, all);
    if known.is_contradicted() {
        let what = "The store does not hold all that this sidecar has stored there.";
        all.push(trouble(Level::Problem, what, "Find out who deleted or changed objects. The sidecar takes a full when it misses the newest ones itself; POST /snapshot/full has one taken now."));
    }
    let newest = listing.newest_object();
    if known.sidecar.is_none()
        && let Some(passed) = newest.and_then(|at| crate::words::since(at, known.now))
        && passed > LONG_AGO
    {
        let what = format!("Nothing was stored for {}.", duration(passed));
        all.push(trouble(
            Level::Attention,
            what,
            "If this etcd still runs, find out why no backups are taken.",
        ));
    }
}
