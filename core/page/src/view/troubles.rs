//! What is wrong, and what to do about it.

use std::time::Duration;

use super::level::Level;
use super::ranges::runs;
use super::reach::Loss;
use crate::known::Known;
use crate::listing::{Lineage, Listing};
use crate::sidecar::{Failing, Member, Role, Sidecar, Word};
use crate::store::Store;
use crate::words::{ago, counted, duration, grouped, moment};

/// Something that somebody should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// How much it counts; one that is good is a note.
    pub level: Level,
    /// What it is, and why.
    pub what: String,
    /// What to do.
    pub remedy: &'static str,
}

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

fn trouble(level: Level, what: impl Into<String>, remedy: &'static str) -> Trouble {
    Trouble {
        level,
        what: what.into(),
        remedy,
    }
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
    let lag = sidecar
        .delta_period
        .map(|period| period * 2 + Duration::from_secs(60));
    if let (Some(lag), Some(Loss::Since(time, _)), true) =
        (lag, known.loss(), sidecar.role != Role::Unknown)
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

fn of_store(known: &Known, store: &Store, all: &mut Vec<Trouble>) {
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
    if known.is_contradicted() {
        let what = "The store does not hold all that this sidecar has stored there.";
        all.push(trouble(Level::Problem, what, "Find out who deleted or changed objects. The sidecar takes a full when it misses the newest ones itself; POST /snapshot/full has one taken now."));
    }
    of_listing(listing, all);
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

fn of_listing(listing: &Listing, all: &mut Vec<Trouble>) {
    unplaced(listing, all);
    for lineage in &listing.lineages {
        let is_newest = listing.newest() == Some(lineage);
        all.extend(cut(lineage, is_newest));
        all.extend(gaps(lineage, is_newest));
        all.extend(between(lineage));
    }
    if let Some((key, why)) = listing.ignored.first() {
        let count = counted(
            listing.ignored.len(),
            "object is no snapshot and was",
            "objects are no snapshots and were",
        );
        all.push(trouble(
            Level::Good,
            format!("{count} left out: {key}: {why}."),
            "Nothing, unless a backup should be there.",
        ));
    }
    if listing
        .newest()
        .and_then(|newest| newest.chains.last()?.full.as_ref())
        .is_some_and(|full| full.is_final)
    {
        all.push(trouble(
            Level::Good,
            "The newest full is marked as the last one of its cluster.",
            "Nothing, if the cluster has moved elsewhere.",
        ));
    }
}

/// No member restores by itself while it is not known which state is the newest.
fn unplaced(listing: &Listing, all: &mut Vec<Trouble>) {
    let Some((snapshot, why)) = listing.unplaced.first() else {
        return;
    };
    let count = counted(listing.unplaced.len(), "snapshot is", "snapshots are");
    let what = format!(
        "{count} of no known lineage: where it may be newer than what is known, a member that needs a restore does not start. {snapshot}: {why}."
    );
    all.push(trouble(Level::Problem, what, "Write that object of metadata again from a copy, or remove it: then names and times decide."));
}

/// Objects of another length than what was stored.
fn cut(lineage: &Lineage, is_newest: bool) -> Option<Trouble> {
    let cut: Vec<_> = lineage.objects().filter(|object| object.is_cut()).collect();
    let first = cut.first()?;
    let stored = match first.stored_bytes {
        Some(stored) => format!(", and {} were stored", grouped_bytes(stored)),
        None => String::new(),
    };
    let what = format!(
        "{} not as stored, and what needs one cannot be restored: {} has {} bytes{stored}.",
        counted(cut.len(), "object is", "objects are"),
        first.name,
        grouped_bytes(first.bytes),
    );
    let last = lineage.chains.last();
    let is_in_the_newest = last.is_some_and(|last| last.objects().any(|object| object.is_cut()));
    let level = match is_newest && is_in_the_newest {
        true => Level::Problem,
        false => Level::Attention,
    };
    Some(trouble(
        level,
        what,
        "Bring it back from a copy of the store or from the versions of the bucket, and take a full now (`etcdbrctl snapshot full`, or POST /snapshot/full of the sidecar).",
    ))
}

fn grouped_bytes(bytes: u64) -> String {
    grouped(i64::try_from(bytes).unwrap_or(i64::MAX))
}

/// Revisions between the end of one chain and the beginning of the next. Gaps inside a chain are told by themselves.
fn between(lineage: &Lineage) -> impl Iterator<Item = Trouble> {
    let runs = runs(lineage);
    let ends: Vec<_> = runs
        .windows(2)
        .filter_map(|pair| {
            let (last, next) = (pair.first()?.last()?, pair.last()?.first()?);
            let (first, last_missing) = (last.reaches + 1, next.begins - 1);
            (last.gap.is_none() && first <= last_missing).then_some((first, last_missing))
        })
        .collect();
    ends.into_iter().map(|(first, last)| {
        let revisions = match first == last {
            true => format!("Revision {} cannot", grouped(first)),
            false => format!("Revisions {} to {} cannot", grouped(first), grouped(last)),
        };
        trouble(
            Level::Good,
            format!(
                "{revisions} be restored: no delta leads from the chain before to the next full."
            ),
            "Nothing for what is stored now. For a state of that time take the one before.",
        )
    })
}

/// A gap before the newest state has to be closed by a full; older ones go with their chains.
fn gaps(lineage: &Lineage, is_newest: bool) -> impl Iterator<Item = Trouble> {
    let last = lineage.chains.len().saturating_sub(1);
    let chains = lineage.chains.iter().enumerate();
    chains.filter_map(move |(at, chain)| {
        let gap = chain.gap?;
        let revisions = match gap.first == gap.last {
            true => format!("Revision {} is", grouped(gap.first)),
            false => format!("Revisions {} to {} are", grouped(gap.first), grouped(gap.last)),
        };
        Some(match is_newest && at == last {
            true => trouble(Level::Problem, format!("{revisions} in no object: nothing that was stored later can be restored."), "Take a full now (`etcdbrctl snapshot full`, or POST /snapshot/full of the sidecar), and find out who deleted the delta."),
            false => trouble(Level::Good, format!("{revisions} in no object: no state from there up to the next full can be restored."), "Nothing for what is stored now. For a state of that time take the one before the gap."),
        })
    })
}
