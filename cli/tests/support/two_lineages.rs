//! A store of two lineages, the newer of which does not lead as far.

use testkit::backup::Compression::Gzip;
use testkit::backup::{Occasion, Store, Told, with_hash};
use testkit::etcd::{Etcd, HashKv, Watched};

use super::{History, Site, delta_name, full_name};

pub(crate) const OLD: &str = "1f00c0ffee";
pub(crate) const NEW: &str = "1f00d00d";

/// Writes the metadata of these snapshots, each of which continues the one before.
pub(crate) fn tell(site: &Site, told: &Told, names: &[String]) {
    let mut previous = None;
    for name in names {
        told.write(&site.store(), name, previous).unwrap();
        previous = Some(name.as_str());
    }
}

pub(crate) fn old_names() -> Vec<String> {
    let deltas = [(21, 40), (41, 60)].map(|(first, last)| delta_name(first, last, Gzip));
    [vec![full_name(20, Gzip)], deltas.to_vec()].concat()
}

/// A store with a lineage to revision 60, and its history.
pub(crate) fn one() -> (Site, History) {
    let (site, history) = Site::with_history();
    tell(&site, &Told::of(OLD, 1), &old_names());
    (site, history)
}

/// The history that left the other after revision 40, to 55.
pub(crate) fn newer() -> History {
    let mut newer = History::default();
    newer.wander(40, 1);
    newer.wander(55, 9);
    newer
}

/// The same, with one that left it at 40: a full at 45 and a delta to 55, by a clock that is behind.
pub(crate) fn two() -> Site {
    let (site, _) = one();
    put_newer(&site);
    let told = Told::of(NEW, 2).leaving(OLD, 40);
    tell(
        &site,
        &told,
        &[full_name(45, Gzip), delta_name(46, 55, Gzip)],
    );
    site
}

pub(crate) fn put_newer(site: &Site) {
    site.put_full(&newer(), 45);
    site.put_delta(&newer(), 46, 55);
}

/// A lineage of a real etcd: to revision, and what it answers to HashKV there.
pub(crate) struct Lived {
    pub(crate) end: i64,
    pub(crate) hash: HashKv,
}

/// Lets an etcd write, and backs it up: a full, and two deltas.
pub(crate) fn live(etcd: &Etcd, store: &mut Store, word: &str) -> Lived {
    let write = |from: i32| {
        for number in from..from + 20 {
            let key = format!("{word}-{}", number % 7);
            etcd.put(key.as_bytes(), number.to_string().as_bytes())
                .unwrap();
        }
        etcd.revision().unwrap()
    };
    let mut end = write(0);
    let mut bytes = Vec::new();
    etcd.snapshot(&mut bytes).unwrap();
    // The gateway sends the hash with the database, or not, as its version does.
    if bytes.len() % 512 != 32 {
        bytes = with_hash(bytes);
    }
    store.full(end, &bytes, Gzip, Occasion::Regular).unwrap();
    for from in [20, 40] {
        let last = write(from);
        let Watched::Events(events) = etcd.watch(end + 1, last).unwrap() else {
            panic!("nothing was compacted");
        };
        store.delta(&events, Gzip).unwrap();
        end = last;
    }
    let hash = etcd.hash_kv(0).unwrap();
    Lived { end, hash }
}
