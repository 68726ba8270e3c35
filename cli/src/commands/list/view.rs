//! The JSON document of `list`: each field is a key of it.

use std::collections::BTreeSet;

use engine::backups::{Catalogue, Chain, Marks, Snapshot, chains};
use jiff::Timestamp;
use serde::Serialize;

/// All that a store holds.
#[derive(Debug, Serialize)]
pub(crate) struct StoreView {
    /// Where it is.
    pub(crate) location: String,
    /// Each full with what continues it, oldest first.
    pub(crate) chains: Vec<ChainView>,
    /// Objects that are no snapshots.
    pub(crate) ignored: Vec<IgnoredView>,
    /// How many snapshots there are, whether or not they are shown.
    #[serde(skip)]
    pub(crate) in_store: usize,
    /// Where there is no snapshot: what may be wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
}

/// One chain.
#[derive(Debug, Serialize)]
pub(crate) struct ChainView {
    /// The full; none for deltas that begin with an empty etcd.
    pub(crate) full: Option<SnapshotView>,
    /// What continues it.
    pub(crate) deltas: Vec<SnapshotView>,
    /// The first revision that can be restored; none if none can.
    pub(crate) from_revision: Option<i64>,
    /// The last one.
    pub(crate) to_revision: Option<i64>,
    /// The time of the first restorable state.
    pub(crate) from_time: Option<Timestamp>,
    /// The time up to which every change is known.
    pub(crate) to_time: Option<Timestamp>,
    /// Bytes in the store.
    pub(crate) bytes: u64,
    /// The gap after which nothing of this chain can be restored.
    pub(crate) gap: Option<GapView>,
}

/// One object.
#[derive(Debug, Serialize)]
pub(crate) struct SnapshotView {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) first_revision: i64,
    pub(crate) last_revision: i64,
    pub(crate) created: Option<Timestamp>,
    pub(crate) bytes: u64,
    #[serde(rename = "final")]
    pub(crate) is_final: bool,
    /// Whether somebody has marked it; none where that was not or could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) keep: Option<bool>,
}

/// Revisions that no object holds.
#[derive(Debug, Serialize)]
pub(crate) struct GapView {
    pub(crate) first_missing: i64,
    pub(crate) last_missing: i64,
    pub(crate) before: String,
}

/// An object left out.
#[derive(Debug, Serialize)]
pub(crate) struct IgnoredView {
    pub(crate) key: String,
    pub(crate) reason: String,
}

impl StoreView {
    pub(crate) fn of(location: String, catalogue: &Catalogue) -> Self {
        let ignored = catalogue.ignored.iter().map(|ignored| IgnoredView {
            key: ignored.key.to_string(),
            reason: ignored.reason.clone(),
        });
        let chains = chains(catalogue).iter().map(ChainView::of).collect();
        let mut view = Self {
            location,
            chains,
            ignored: ignored.collect(),
            in_store: 0,
            hint: None,
        };
        view.in_store = view.snapshots();
        view
    }

    /// Leaves the newest chains, so many, of those that hold something from a time on.
    pub(crate) fn keep(&mut self, last: Option<usize>, since: Option<Timestamp>) {
        if let Some(since) = since {
            // What has no time may be newer.
            self.chains
                .retain(|chain| chain.to_time.is_none_or(|to| to >= since));
        }
        let surplus = last.map_or(0, |last| self.chains.len().saturating_sub(last));
        self.chains.drain(..surplus);
    }

    fn shown(&self) -> impl Iterator<Item = &SnapshotView> {
        self.chains.iter().flat_map(ChainView::all)
    }

    /// The names of those that are shown, without the directories that they are in.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        self.shown().map(|one| one.file_name().to_owned()).collect()
    }

    /// Those that are shown and marked.
    pub(crate) fn marked(&self) -> impl Iterator<Item = &SnapshotView> {
        self.shown().filter(|one| one.keep == Some(true))
    }

    /// Notes which are marked.
    pub(crate) fn mark(&mut self, marks: &Marks) {
        for chain in &mut self.chains {
            for one in chain.full.iter_mut().chain(&mut chain.deltas) {
                one.keep = marks.of(one.file_name());
            }
        }
    }

    /// How many of them lead to a state that can be restored.
    pub(crate) fn reachable(&self) -> usize {
        let of = |chain: &ChainView| {
            let within = |delta: &&SnapshotView| {
                chain
                    .to_revision
                    .is_some_and(|to| delta.last_revision <= to)
            };
            usize::from(chain.full.is_some()) + chain.deltas.iter().filter(within).count()
        };
        self.chains.iter().map(of).sum()
    }

    /// How many are shown.
    pub(crate) fn snapshots(&self) -> usize {
        self.shown().count()
    }
}

impl ChainView {
    fn all(&self) -> impl Iterator<Item = &SnapshotView> {
        self.full.iter().chain(&self.deltas)
    }

    fn of(chain: &Chain) -> Self {
        let restorable = chain.full.is_some() || chain.reaches > chain.begins();
        let first = chain.full.as_ref().or(chain.deltas.first());
        let reached = |delta: &&Snapshot| delta.name.last <= chain.reaches;
        let last = chain
            .deltas
            .iter()
            .rev()
            .find(reached)
            .or(chain.full.as_ref());
        let time = |snapshot: Option<&Snapshot>| {
            snapshot
                .filter(|_| restorable)
                .and_then(|snapshot| snapshot.name.created_at())
        };
        Self {
            full: chain.full.as_ref().map(SnapshotView::of),
            deltas: chain.deltas.iter().map(SnapshotView::of).collect(),
            from_revision: restorable.then(|| chain.begins()),
            to_revision: restorable.then_some(chain.reaches),
            from_time: time(first),
            to_time: time(last),
            bytes: chain.size(),
            gap: chain.gap.as_ref().map(|gap| GapView {
                first_missing: gap.after + 1,
                last_missing: gap.before - 1,
                before: gap.object.key().to_string(),
            }),
        }
    }
}

impl SnapshotView {
    fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        Self {
            name: snapshot.key().to_string(),
            kind: snapshot.name.kind.word(),
            first_revision: snapshot.name.first,
            last_revision: snapshot.name.last,
            created: snapshot.name.created_at(),
            bytes: snapshot.size,
            is_final: snapshot.name.is_final,
            keep: None,
        }
    }
}
