//! The chains of a store, each as a row.

use jiff::Timestamp;

use crate::known::Known;
use crate::listing::{Chain, Listing, Proof};
use crate::store::Store;
use crate::words::{grouped, moment};

/// One chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its lineage, where there are several.
    pub lineage: Option<String>,
    /// Its full.
    pub full: Option<String>,
    /// The first and the last revision that can be restored; `None` where none can.
    pub revisions: Option<(i64, i64)>,
    /// When these states were.
    pub times: (Option<Timestamp>, Option<Timestamp>),
    /// How many deltas lead there.
    pub deltas: usize,
    /// Bytes in the store.
    pub bytes: u64,
    /// Bytes of the contents, where all are known.
    pub raw_bytes: Option<u64>,
    /// The newest proof.
    pub proof: Option<Proof>,
    /// Marks, retention and gaps, in words.
    pub notes: Vec<String>,
}

/// Those of the newest lineage first, the newest chain first.
pub(super) fn rows(known: &Known, store: &Store) -> Vec<Row> {
    let Some(listing) = &store.listing else {
        return Vec::new();
    };
    let lineages = listing.lineages.iter().rev();
    let rows = lineages.flat_map(|lineage| {
        let named = listing.named(lineage).map(str::to_owned);
        lineage
            .chains
            .iter()
            .rev()
            .map(move |chain| row(known, &named, chain))
    });
    rows.collect()
}

fn row(known: &Known, lineage: &Option<String>, chain: &Chain) -> Row {
    let raw = chain.reachable().map(|one| one.raw_bytes);
    let raw: Option<Vec<u64>> = raw.collect();
    let sum = |sizes: &mut dyn Iterator<Item = u64>| sizes.fold(0, u64::saturating_add);
    Row {
        lineage: lineage.clone(),
        full: chain.full.as_ref().map(|full| full.name.clone()),
        revisions: chain
            .is_restorable()
            .then_some((chain.begins, chain.reaches)),
        times: (chain.from(), chain.until()),
        deltas: chain.reachable().filter(|one| one.first > 0).count(),
        bytes: sum(&mut chain.reachable().map(|one| one.bytes)),
        raw_bytes: raw.map(|sizes| sum(&mut sizes.into_iter())),
        proof: chain.proof,
        notes: notes(known, chain),
    }
}

fn notes(known: &Known, chain: &Chain) -> Vec<String> {
    let mut notes = Vec::new();
    let any = |is: fn(&crate::listing::Object) -> bool| chain.objects().any(is);
    if any(|one| one.is_final) {
        notes.push("final".to_owned());
    }
    if any(|one| one.is_kept) {
        notes.push("kept".to_owned());
    }
    if any(|one| one.is_encrypted) {
        notes.push("encrypted".to_owned());
    }
    if any(|one| one.missing_key.is_some()) {
        notes.push("its key is missing".to_owned());
    }
    if any(crate::listing::Object::is_cut) {
        notes.push("not as stored".to_owned());
    }
    let retained = chain.objects().filter_map(|one| one.retained_until).max();
    if let Some(until) = retained.filter(|until| *until > known.now) {
        notes.push(format!("locked until {}", moment(until)));
    }
    if let Some(gap) = chain.gap {
        notes.push(format!(
            "missing: {} to {}",
            grouped(gap.first),
            grouped(gap.last)
        ));
    }
    notes
}

/// What each lineage is, where there are several: in words, the newest first.
pub(super) fn lineages(listing: &Listing) -> Vec<(String, String)> {
    let several = listing
        .lineages
        .iter()
        .rev()
        .filter(|one| listing.named(one).is_some());
    let told = several.map(|one| {
        let left = one
            .parent
            .as_ref()
            .map(|parent| format!("left {} at revision {}", parent.id, grouped(parent.left_at)));
        let of = one
            .cluster
            .as_ref()
            .map(|cluster| format!("of cluster {cluster}"));
        let newest = (listing.newest() == Some(one)).then(|| "the newest".to_owned());
        let parts: Vec<String> = [newest, of, left].into_iter().flatten().collect();
        (one.id.clone(), parts.join(", "))
    });
    told.collect()
}
