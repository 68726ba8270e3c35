use std::sync::Arc;
use std::time::Duration;

use page::drill::{Drill, Verdict};
use page::{Chain, Command, Gap, Lineage, Listing, Object, Parent, Proof, Store};

use super::before;

/// A store of which nothing is known yet.
pub(crate) fn unlisted() -> Store {
    Store {
        location: "s3://backups/ns--uid/etcd-main".to_owned(),
        every: Duration::from_secs(60),
        listing: None,
        fault: None,
        drill: Drill::Unnamed,
        command: Command(Arc::new(|state| {
            let lineage = state.lineage.as_ref();
            let lineage = lineage.map_or_else(String::new, |id| format!(" --lineage {id}"));
            format!(
                "etcdbrctl restore --storage-provider S3 --store-container backups --store-prefix ns--uid/etcd-main \
                 --to-revision {0}{lineage} --data-dir restored-{0}.etcd",
                state.revision
            )
        })),
    }
}

fn listed(lineages: Vec<Lineage>, hint: Option<String>) -> Store {
    let listing = Listing {
        at: before(20),
        lineages,
        unplaced: Vec::new(),
        ignored: Vec::new(),
        hint,
    };
    Store {
        listing: Some(Arc::new(listing)),
        ..unlisted()
    }
}

/// One without a backup.
pub(crate) fn empty() -> Store {
    let hint = "The store holds no backup: s3://backups/ns--uid/etcd-main was listed.";
    listed(Vec::new(), Some(hint.to_owned()))
}

fn object(first: i64, last: i64, seconds: i64) -> Object {
    let kind = if first == 0 { "Full" } else { "Incr" };
    let at = before(seconds);
    Object {
        name: format!("{kind}-{first:08}-{last:08}-{}.gz", at.as_second()),
        first,
        last,
        at: Some(at),
        bytes: if first == 0 { 9_400_000 } else { 48_000 },
        stored_bytes: None,
        raw_bytes: Some(if first == 0 { 48_000_000 } else { 310_000 }),
        is_kept: false,
        is_final: false,
        is_encrypted: false,
        missing_key: None,
        retained_until: None,
    }
}

/// A full at a revision, taken so many seconds ago, and a delta of 50 revisions each five minutes.
fn chain(revision: i64, seconds: i64, deltas: i64) -> Chain {
    let delta = |number: i64| {
        let first = revision + number * 50 + 1;
        object(first, first + 49, seconds - (number + 1) * 300)
    };
    Chain {
        full: Some(object(0, revision, seconds)),
        deltas: (0..deltas).map(delta).collect(),
        begins: revision,
        reaches: revision + deltas * 50,
        gap: None,
        proof: None,
    }
}

fn lineage(id: &str, chains: Vec<Chain>) -> Lineage {
    Lineage {
        id: id.to_owned(),
        cluster: Some("cdf818194e3a8c32".to_owned()),
        parent: None,
        chains,
    }
}

/// Three days of a full each, and deltas.
fn three_days() -> Vec<Chain> {
    let day = 86_400;
    let mut chains = vec![
        chain(768_000, 3 * day - 3_000, 287),
        chain(782_350, 2 * day - 3_000, 287),
        chain(796_700, day - 3_000, 276),
    ];
    chains[1].proof = Some(Proof {
        tier: 3,
        revision: 796_700,
        at: before(day - 3_600),
    });
    chains[0].full.as_mut().unwrap().is_kept = true;
    chains
}

/// As it should be.
pub(crate) fn ordinary() -> Store {
    listed(vec![lineage("3f9a1c", three_days())], None)
}

/// A delta is gone in the middle, and another one of the newest chain.
pub(crate) fn with_gaps() -> Store {
    let mut chains = three_days();
    for (at, missing) in [(1, 100), (2, 250)] {
        let chain = &mut chains[at];
        let gone = chain.deltas.remove(missing);
        chain.reaches = gone.first - 1;
        chain.gap = Some(Gap {
            first: gone.first,
            last: gone.last,
        });
    }
    let mut store = listed(vec![lineage("3f9a1c", chains)], None);
    let listing = Arc::make_mut(store.listing.as_mut().unwrap());
    listing.ignored = vec![(
        "v2/notes.txt".to_owned(),
        "it is no name of a snapshot".to_owned(),
    )];
    store
}

/// The newest full has half of its bytes.
pub(crate) fn with_a_cut_full() -> Store {
    let mut chains = three_days();
    let full = chains[2].full.as_mut().unwrap();
    full.stored_bytes = Some(2 * full.bytes);
    listed(vec![lineage("3f9a1c", chains)], None)
}

/// It was rehearsed, and came to this.
pub(crate) fn drilled(verdict: Verdict, why: Option<&str>) -> Store {
    Store {
        drill: Drill::Made {
            at: before(7_500),
            verdict,
            took: why.is_none().then(|| Duration::from_secs(14)),
            why: why.map(str::to_owned),
        },
        ..ordinary()
    }
}

/// The key of the newest chain was deleted.
pub(crate) fn without_a_key() -> Store {
    let mut chains = three_days();
    let mut last = chains.pop().unwrap();
    for object in last.full.iter_mut().chain(&mut last.deltas) {
        object.is_encrypted = true;
        object.missing_key = Some("keys/2f6b0e1c9a7d4e53b8c0d1e2f3a4b5c6.age".to_owned());
    }
    chains.push(last.before_what_is_unreadable());
    listed(vec![lineage("3f9a1c", chains)], None)
}

/// The cluster was restored to an older state, twice.
pub(crate) fn several() -> Store {
    let left = |id: &str, left_at| {
        Some(Parent {
            id: id.to_owned(),
            left_at,
        })
    };
    let mut chains = three_days();
    let last = chains.pop().unwrap();
    let mut second = lineage("77b0e2", vec![chain(790_000, 100_000, 40)]);
    second.parent = left("3f9a1c", 790_000);
    let mut third = lineage("c41d90", vec![last]);
    third.parent = left("77b0e2", 791_500);
    third.chains[0].full.as_mut().unwrap().is_encrypted = true;
    let mut store = listed(vec![lineage("3f9a1c", chains), second, third], None);
    let listing = Arc::make_mut(store.listing.as_mut().unwrap());
    listing.unplaced = vec![(
        "v2/Incr-00812001-00812050-1795341300.gz".to_owned(),
        "meta/Incr-00812001-00812050-1795341300.gz.json: it has format 2, and this version reads format 1: use a newer version".to_owned(),
    )];
    store
}

/// Names and texts that would be HTML.
pub(crate) fn hostile() -> Store {
    const MARK: &str = "</p><script>alert(1)</script>\"'&";
    let mut chains = three_days();
    chains[0].full.as_mut().unwrap().name = MARK.to_owned();
    let mut store = listed(
        vec![lineage("other", Vec::new()), lineage(MARK, chains)],
        None,
    );
    store.location = MARK.to_owned();
    store.command = Command(Arc::new(|_| {
        format!("etcdbrctl restore --store-container '{MARK}'")
    }));
    let listing = Arc::make_mut(store.listing.as_mut().unwrap());
    listing.ignored = vec![(MARK.to_owned(), MARK.to_owned())];
    listing.unplaced = vec![(MARK.to_owned(), MARK.to_owned())];
    store
}
