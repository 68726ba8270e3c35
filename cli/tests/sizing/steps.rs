//! What each step of a snapshotter asks of S3. The bucket has one version of each object, and objects are not encrypted by us.

use crate::requests::Requests;

/// Keys in one page of a listing.
const PAGE: u64 = 1_000;

/// How much of a chain there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chain {
    /// A full, and no delta yet.
    Full,
    /// Deltas as well.
    Deltas,
}

/// What a collection finds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    /// Snapshots, each of which has metadata.
    pub(crate) snapshots: u64,
    /// Those of them that it deletes.
    pub(crate) deleted: u64,
}

fn head(count: u64) -> Requests {
    Requests {
        head: count,
        ..Requests::default()
    }
}

fn list(count: u64) -> Requests {
    Requests {
        list: count,
        ..Requests::default()
    }
}

fn pages(keys: u64) -> u64 {
    keys.div_ceil(PAGE).max(1)
}

/// An object in one request. What S3 answers to it has no date, so its head is asked for.
fn object() -> Requests {
    Requests {
        put: 1,
        head: 1,
        ..Requests::default()
    }
}

/// An object in so many parts, and its head.
fn parts(count: u64) -> Requests {
    Requests {
        put: count,
        post: 2,
        head: 1,
        ..Requests::default()
    }
}

/// Whether another snapshotter has the turn, and whether the object of this turn is there.
fn turn() -> Requests {
    Requests {
        head: 1,
        get: 1,
        ..Requests::default()
    }
}

/// Whether both ends of the chain are there.
fn ends(chain: Chain) -> Requests {
    head(match chain {
        Chain::Full => 1,
        Chain::Deltas => 2,
    })
}

/// A delta: the turn, the ends of the chain, the object, its length, its metadata.
pub(crate) fn delta(before: Chain) -> Requests {
    turn() + ends(before) + object() + head(1) + object()
}

/// A full of so many bytes in the store: the turn, the object, its length, its metadata.
pub(crate) fn full(bytes: u64, part_size: u64) -> Requests {
    let sent = match bytes <= part_size {
        true => object(),
        false => parts(bytes.div_ceil(part_size)),
    };
    turn() + sent + head(1) + object()
}

/// The look at the chain that comes once a minute.
pub(crate) fn look(chain: Chain) -> Requests {
    ends(chain)
}

/// The one of sixty that lists it as well: `v2/` and `v1/`.
pub(crate) fn thorough_look(chain: Chain, snapshots: u64) -> Requests {
    match chain {
        Chain::Full => ends(chain),
        Chain::Deltas => ends(chain) + list(pages(snapshots) + 1),
    }
}

/// A collection: keys, `v2/`, `v1/`, metadata, all of which is read; what is deleted, each with its metadata; metadata once
/// more, for what has no snapshot; and uploads that nobody ended.
pub(crate) fn collection(found: Found) -> Requests {
    let Found { snapshots, deleted } = found;
    let listed = 1 + pages(snapshots) + 1 + pages(snapshots) + pages(snapshots - deleted) + 1;
    Requests {
        list: listed,
        get: snapshots,
        delete: 2 * deleted,
        ..Requests::default()
    }
}

/// A start that finds so many snapshots, each with metadata: the bucket, what is there, the turn, a first look.
pub(crate) fn start(snapshots: u64) -> Requests {
    let bucket = Requests {
        head: 1,
        get: 2,
        ..Requests::default()
    };
    let there = Requests {
        list: 2 * pages(snapshots) + 1,
        get: snapshots,
        ..Requests::default()
    };
    bucket + there + list(2) + object() + look(Chain::Deltas)
}

/// A stop: the turn is over.
pub(crate) fn stop() -> Requests {
    object()
}
