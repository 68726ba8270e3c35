//! The JSON document of `list`: each field is a key of it.

use std::collections::BTreeSet;

use engine::backups::branches::{Branch, Holdings};
use engine::backups::metadata::Branching;
use engine::backups::{Chain, Snapshot, chains};
use jiff::Timestamp;
use serde::Serialize;

/// All that a store holds.
#[derive(Debug, Serialize)]
pub(crate) struct StoreView {
    /// Where it is.
    pub(crate) location: String,
    /// The lineages, oldest first; empty where there is one or none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) lineages: Vec<LineageView>,
    /// Each full with what continues it, oldest first; where there are several lineages, those of the oldest first.
    pub(crate) chains: Vec<ChainView>,
    /// Snapshots that may belong to any lineage.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) unplaced: Vec<UnplacedView>,
    /// Objects that are no snapshots.
    pub(crate) ignored: Vec<IgnoredView>,
    /// How many snapshots there are, whether or not they are shown.
    #[serde(skip)]
    pub(crate) in_store: usize,
    /// Where there is no snapshot: what may be wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hint: Option<String>,
}

/// One lineage.
#[derive(Debug, Serialize)]
pub(crate) struct LineageView {
    /// Its id, or "unknown".
    pub(crate) id: String,
    /// The cluster that wrote last, if its metadata says it.
    pub(crate) cluster_id: Option<String>,
    /// Where it left another.
    pub(crate) parent: Option<ParentView>,
    /// Whether a restore takes it unless it is told.
    pub(crate) newest: bool,
    /// How many snapshots it has.
    pub(crate) snapshots: usize,
    /// The last revision that any of them tells of.
    pub(crate) last_revision: i64,
}

/// Where a lineage left another.
#[derive(Debug, Serialize)]
pub(crate) struct ParentView {
    pub(crate) id: String,
    pub(crate) left_at: i64,
    pub(crate) proven: bool,
}

/// A snapshot of no known lineage.
#[derive(Debug, Serialize)]
pub(crate) struct UnplacedView {
    pub(crate) snapshot: String,
    pub(crate) why: String,
}

/// One chain.
#[derive(Debug, Serialize)]
pub(crate) struct ChainView {
    /// Its lineage; none where there is one or none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lineage: Option<String>,
    /// The full; none for deltas that begin with an empty etcd.
    pub(crate) full: Option<SnapshotView>,
    /// What continues it, what stands after a gap as well.
    pub(crate) deltas: Vec<SnapshotView>,
    /// The first revision that can be restored; none if none can.
    pub(crate) from_revision: Option<i64>,
    /// The last one.
    pub(crate) to_revision: Option<i64>,
    /// The time of the first restorable state.
    pub(crate) from_time: Option<Timestamp>,
    /// The time up to which every change is known.
    pub(crate) to_time: Option<Timestamp>,
    /// Bytes in the store, of all of these.
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
    /// Whether somebody has marked it; none where that was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) marked: Option<bool>,
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
    pub(crate) fn of(location: String, holdings: &Holdings) -> Self {
        let ignored = holdings.listed.ignored.iter().map(|ignored| IgnoredView {
            key: ignored.key.to_string(),
            reason: ignored.reason.clone(),
        });
        let are_several = holdings.branches.len() > 1;
        let of_branch = |branch: &Branch| {
            let lineage = are_several.then(|| branch.word().to_owned());
            let chains = chains(&branch.catalogue);
            let views = chains
                .iter()
                .map(|chain| ChainView::of(chain, lineage.clone()));
            views.collect::<Vec<_>>()
        };
        let chains = holdings.branches.iter().flat_map(of_branch).collect();
        let lineages = holdings.branches.iter().filter(|_| are_several);
        let unplaced = holdings.unplaced.iter().map(|one| UnplacedView {
            snapshot: one.snapshot.key().to_string(),
            why: one.why.clone(),
        });
        let mut view = Self {
            location,
            lineages: lineages
                .map(|branch| LineageView::of(branch, holdings))
                .collect(),
            chains,
            unplaced: unplaced.collect(),
            ignored: ignored.collect(),
            in_store: 0,
            hint: None,
        };
        view.in_store = view.snapshots();
        view
    }

    /// Leaves the chains of one lineage. Where there is one, all are of it.
    pub(crate) fn keep_lineage(&mut self, id: &str) {
        let is_its = |lineage: &Option<String>| lineage.as_deref().is_none_or(|its| its == id);
        self.chains.retain(|chain| is_its(&chain.lineage));
        self.lineages.retain(|lineage| lineage.id == id);
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

    /// Those that are shown and marked.
    pub(crate) fn marked(&self) -> impl Iterator<Item = &SnapshotView> {
        self.shown().filter(|one| one.marked == Some(true))
    }

    /// Notes which are marked.
    pub(crate) fn mark(&mut self, marked: &BTreeSet<String>) {
        for chain in &mut self.chains {
            for one in chain.full.iter_mut().chain(&mut chain.deltas) {
                one.marked = Some(marked.contains(one.file_name()));
            }
        }
    }

    /// How many of them lead to a state that can be restored.
    pub(crate) fn reachable(&self) -> usize {
        let of = |chain: &ChainView| {
            usize::from(chain.full.is_some()) + chain.reachable_deltas().count()
        };
        self.chains.iter().map(of).sum()
    }

    /// How many are shown.
    pub(crate) fn snapshots(&self) -> usize {
        self.shown().count()
    }
}

impl LineageView {
    fn of(branch: &Branch, holdings: &Holdings) -> Self {
        let parent = branch.lineage.as_ref().and_then(|one| one.parent.as_ref());
        Self {
            id: branch.word().to_owned(),
            cluster_id: branch.cluster_id.clone(),
            parent: parent.map(|parent| ParentView {
                id: parent.id.clone(),
                left_at: parent.left_at,
                proven: parent.branching == Branching::Proven,
            }),
            newest: holdings.newest().is_some_and(|one| one.id() == branch.id()),
            snapshots: branch.catalogue.snapshots.len(),
            last_revision: branch.end().unwrap_or(0),
        }
    }
}

impl ChainView {
    fn all(&self) -> impl Iterator<Item = &SnapshotView> {
        self.full.iter().chain(&self.deltas)
    }

    /// The deltas that lead up to the last revision that can be restored.
    pub(crate) fn reachable_deltas(&self) -> impl Iterator<Item = &SnapshotView> {
        let end = self.to_revision;
        let leads_there =
            move |delta: &&SnapshotView| end.is_some_and(|to| delta.last_revision <= to);
        self.deltas.iter().filter(leads_there)
    }

    /// Bytes of the full and of these.
    pub(crate) fn reachable_bytes(&self) -> u64 {
        let objects = self.full.iter().chain(self.reachable_deltas());
        objects.map(|object| object.bytes).sum()
    }

    fn of(chain: &Chain, lineage: Option<String>) -> Self {
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
            lineage,
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
            marked: None,
        }
    }
}
