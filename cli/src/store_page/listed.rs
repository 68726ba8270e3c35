//! What the engine says of a store, as the page wants it told. Pure.

use engine::backups::branches::{Branch, Holdings};
use engine::backups::metadata::Proof as Noted;
use engine::backups::{Chain, Snapshot, chains};
use engine::encryption::{KeyId, PLACE};
use jiff::Timestamp;
use page::{Gap, Lineage, Listing, Object, Parent, Proof};
use snapstore::printable;

/// Of what was read at this time. `hint`: what may be wrong where there is no snapshot.
pub(crate) fn listing(holdings: &Holdings, at: Timestamp, hint: Option<String>) -> Listing {
    let unplaced = holdings.unplaced.iter();
    let ignored = holdings.listed.ignored.iter();
    Listing {
        at,
        lineages: holdings
            .branches
            .iter()
            .map(|branch| lineage(branch, holdings))
            .collect(),
        unplaced: unplaced
            .map(|one| (printable(one.snapshot.key().as_str()), printable(&one.why)))
            .collect(),
        ignored: ignored
            .map(|one| (printable(one.key.as_str()), printable(&one.reason)))
            .collect(),
        hint: hint.map(|hint| printable(&hint)),
    }
}

fn lineage(branch: &Branch, holdings: &Holdings) -> Lineage {
    let parent = branch.lineage.as_ref().and_then(|one| one.parent.as_ref());
    let chains = chains(&branch.catalogue);
    Lineage {
        id: printable(branch.word()),
        cluster: branch.cluster_id.clone(),
        parent: parent.map(|parent| Parent {
            id: printable(&parent.id),
            left_at: parent.left_at,
        }),
        chains: chains.iter().map(|one| chain(one, holdings)).collect(),
    }
}

fn chain(chain: &Chain, holdings: &Holdings) -> page::Chain {
    let full = chain.full.as_ref();
    let noted = full.and_then(|full| full.noted.as_ref()?.proof.as_ref());
    page::Chain {
        full: full.map(|full| object(full, holdings)),
        deltas: chain
            .deltas
            .iter()
            .map(|delta| object(delta, holdings))
            .collect(),
        begins: chain.begins(),
        reaches: chain.reaches,
        gap: chain.gap.as_ref().map(|gap| Gap {
            first: gap.after.saturating_add(1),
            last: gap.before.saturating_sub(1),
        }),
        proof: noted.map(proof),
    }
    .before_what_is_unreadable()
}

fn proof(noted: &Noted) -> Proof {
    Proof {
        tier: noted.tier,
        revision: noted.revision,
        at: noted.at,
    }
}

fn object(snapshot: &Snapshot, holdings: &Holdings) -> Object {
    let (name, file) = (&snapshot.name, snapshot.key().file_name());
    let retained = snapshot.retain_until.map(Timestamp::try_from);
    let key = snapshot.noted.as_ref().and_then(|noted| noted.key.as_ref());
    let missing = holdings.missing_keys.as_ref();
    let is_missing = |key: &&KeyId| missing.is_some_and(|missing| missing.contains(key));
    Object {
        name: printable(file),
        first: name.first,
        last: name.last,
        at: name.created_at(),
        bytes: snapshot.size,
        stored_bytes: snapshot.noted.as_ref().and_then(|noted| noted.stored_bytes),
        raw_bytes: snapshot.noted.as_ref().and_then(|noted| noted.raw_bytes),
        is_kept: holdings.marked.contains(file),
        is_final: name.is_final,
        is_encrypted: name.encoding.is_encrypted(),
        missing_key: key.filter(is_missing).map(|id| format!("{PLACE}{id}.age")),
        retained_until: retained.and_then(Result::ok),
    }
}
