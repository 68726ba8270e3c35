use super::item::Item;
use crate::backups::Kind;

/// A full and the deltas that come after it in the order of revisions, as the reference cuts a store for its
/// collector. Before the first full there may be deltas without one.
#[derive(Debug)]
pub(super) struct Stream {
    /// The place of the full among the items.
    pub(super) full: Option<usize>,
    /// Those of the deltas, in the order of revisions.
    pub(super) deltas: Vec<usize>,
}

impl Stream {
    /// All of it, the full first.
    pub(super) fn members(&self) -> impl Iterator<Item = usize> {
        self.full.into_iter().chain(self.deltas.iter().copied())
    }
}

/// The streams of those items at these `places`, oldest first. What ends at one revision is in the order of time, as for
/// the reference: a delta up to the revision of the full made after it belongs to the chain before.
pub(super) fn streams(items: &[Item], places: &[usize]) -> Vec<Stream> {
    let mut sorted: Vec<(&Item, usize)> = places
        .iter()
        .filter_map(|place| items.get(*place).map(|item| (item, *place)))
        .collect();
    sorted.sort_by_key(|(item, _)| {
        let name = &item.name;
        let is_full = name.kind == Kind::Full;
        (name.last, name.created, is_full, item.key.clone())
    });
    let mut streams: Vec<Stream> = Vec::new();
    for (item, place) in sorted {
        match (item.name.kind, streams.last_mut()) {
            (Kind::Delta, Some(stream)) => stream.deltas.push(place),
            (Kind::Delta, None) => streams.push(Stream {
                full: None,
                deltas: vec![place],
            }),
            (Kind::Full, _) => streams.push(Stream {
                full: Some(place),
                deltas: Vec::new(),
            }),
        }
    }
    streams
}
