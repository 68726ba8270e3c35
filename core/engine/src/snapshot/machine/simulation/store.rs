/// Who wrote each revision, from 2 on: a number that no other write has.
pub(super) type History = Vec<u64>;

/// The writes up to `revision`.
pub(super) fn upto(history: &History, revision: i64) -> &[u64] {
    let count = usize::try_from(revision - 1).unwrap();
    &history[..count]
}

pub(super) fn head(history: &History) -> i64 {
    i64::try_from(history.len()).unwrap() + 1
}

/// What lies in the store.
/// How a full came there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Appeared {
    /// The machine was told so.
    Told,
    /// The machine was told that nobody knows.
    Unheard,
}

#[derive(Debug, Clone)]
pub(super) struct FullObject {
    pub(super) named: i64,
    pub(super) holds: Vec<u64>,
    pub(super) lineage: u32,
    pub(super) appeared: Appeared,
}

#[derive(Debug, Clone)]
pub(super) struct DeltaObject {
    pub(super) first: i64,
    pub(super) writes: Vec<u64>,
    pub(super) lineage: u32,
}

impl DeltaObject {
    pub(super) fn last(&self) -> i64 {
        self.first + i64::try_from(self.writes.len()).unwrap() - 1
    }
}

#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) fulls: Vec<FullObject>,
    pub(super) deltas: Vec<DeltaObject>,
}

impl Store {
    /// All of a lineage goes.
    pub(super) fn delete(&mut self, lineage: u32) {
        self.fulls.retain(|full| full.lineage != lineage);
        self.deltas.retain(|delta| delta.lineage != lineage);
    }

    /// The newest state of a lineage, by the rules of etcd-backup-restore: the full with the highest name, and
    /// the deltas above it, each beginning where the one before ended; the first must reach what the full holds, if
    /// anybody could know of that full.
    pub(super) fn restored(&self, lineage: u32) -> Option<Vec<u64>> {
        let fulls = self.fulls.iter().filter(|full| full.lineage == lineage);
        let full = fulls.max_by_key(|full| full.named)?;
        let mut state = full.holds.clone();
        let mut deltas: Vec<_> = self.deltas.iter().collect();
        deltas.retain(|delta| delta.lineage == lineage && delta.last() > full.named);
        deltas.sort_by_key(|delta| delta.first);
        let mut next = full.named + 1;
        for (number, delta) in deltas.iter().enumerate() {
            assert_eq!(
                delta.first, next,
                "a delta begins where the one before ended"
            );
            next = delta.last() + 1;
            let holds = i64::try_from(state.len()).unwrap() + 1;
            let is_told = full.appeared == Appeared::Told;
            assert!(
                number > 0 || !is_told || delta.last() >= holds,
                "the first delta ends at {} and the full holds {holds}",
                delta.last()
            );
            let have = usize::try_from(holds + 1 - delta.first).unwrap();
            let (known, new) = delta.writes.split_at(have.min(delta.writes.len()));
            assert!(state[state.len() - have..].starts_with(known));
            state.extend(new);
        }
        Some(state)
    }
}
