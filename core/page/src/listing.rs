//! What a store holds, by names and metadata.

use jiff::Timestamp;

/// One listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// When it began.
    pub at: Timestamp,
    /// The lineages, oldest first: the last one is what a restore takes unless it is told otherwise.
    pub lineages: Vec<Lineage>,
    /// Snapshots of no known lineage, and why.
    pub unplaced: Vec<(String, String)>,
    /// Objects that are no snapshots, and why they were left out.
    pub ignored: Vec<(String, String)>,
    /// Where there is no snapshot: what may be wrong.
    pub hint: Option<String>,
}

/// A history of one etcd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// Its id.
    pub id: String,
    /// The cluster that wrote last.
    pub cluster: Option<String>,
    /// Where it left another.
    pub parent: Option<Parent>,
    /// Each full with what continues it, oldest first.
    pub chains: Vec<Chain>,
}

/// Where a lineage left another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// The id of the other.
    pub id: String,
    /// The last revision that both have.
    pub left_at: i64,
}

/// A full and the deltas that continue it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// `None`: it begins with an empty etcd.
    pub full: Option<Object>,
    /// By first revision.
    pub deltas: Vec<Object>,
    /// The revision at which it begins.
    pub begins: i64,
    /// The last one that is reached without a gap.
    pub reaches: i64,
    /// After which nothing of it can be restored.
    pub gap: Option<Gap>,
    /// The newest proof that was noted beside its full.
    pub proof: Option<Proof>,
}

/// Revisions that no object holds, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The first.
    pub first: i64,
    /// The last.
    pub last: i64,
}

/// A proof that backups lead to what etcd had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// Of which tier: the higher, the more it shows.
    pub tier: u8,
    /// For which revision.
    pub revision: i64,
    /// When.
    pub at: Timestamp,
}

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The last segment of its key.
    pub name: String,
    /// The first revision that it holds; 0 of a full.
    pub first: i64,
    /// The last one.
    pub last: i64,
    /// When it was begun; `None` where its name says no possible time.
    pub at: Option<Timestamp>,
    /// Bytes in the store.
    pub bytes: u64,
    /// Bytes that were stored, where that was noted.
    pub stored_bytes: Option<u64>,
    /// Bytes of its content, where that is known.
    pub raw_bytes: Option<u64>,
    /// Somebody has marked it, so that no collection deletes it.
    pub is_kept: bool,
    /// The last one of its cluster.
    pub is_final: bool,
    /// It is encrypted.
    pub is_encrypted: bool,
    /// The key with which it is encrypted, where the store does not hold that.
    pub missing_key: Option<String>,
    /// Until when the store forbids to delete it.
    pub retained_until: Option<Timestamp>,
}

impl Object {
    /// Whether it is of another length than what was stored, so that a restore of it fails. Nothing at all is no snapshot.
    pub fn is_cut(&self) -> bool {
        self.bytes == 0 || self.stored_bytes.is_some_and(|stored| stored != self.bytes)
    }

    /// Whether a restore of it fails, by what is known without reading it.
    pub fn is_unreadable(&self) -> bool {
        self.is_cut() || self.missing_key.is_some()
    }
}

impl Chain {
    /// Whether any state of it can be restored, by its names and lengths.
    pub(crate) fn is_restorable(&self) -> bool {
        match &self.full {
            Some(full) => !full.is_unreadable(),
            None => self.reaches > self.begins,
        }
    }

    /// All its snapshots.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &Object> {
        self.full.iter().chain(&self.deltas)
    }

    /// Those that a restore can reach.
    pub(crate) fn reachable(&self) -> impl Iterator<Item = &Object> {
        let to = self.reaches;
        self.objects().filter(move |one| one.last <= to)
    }

    /// The time of its first state.
    pub(crate) fn from(&self) -> Option<Timestamp> {
        self.reachable().filter_map(|one| one.at).min()
    }

    /// Until when all that was written is known.
    pub(crate) fn until(&self) -> Option<Timestamp> {
        self.reachable().filter_map(|one| one.at).max()
    }
}

impl Chain {
    /// It ends before the first delta that cannot be read.
    pub fn before_what_is_unreadable(mut self) -> Self {
        if let Some(unread) = self.deltas.iter().find(|delta| delta.is_unreadable()) {
            let before = unread.first.saturating_sub(1).max(self.begins);
            self.reaches = self.reaches.min(before);
        }
        self
    }
}

impl Lineage {
    /// All its snapshots.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &Object> {
        self.chains.iter().flat_map(Chain::objects)
    }

    /// The chain that leads furthest.
    pub(crate) fn furthest(&self) -> Option<&Chain> {
        let restorable = self.chains.iter().filter(|chain| chain.is_restorable());
        restorable.max_by_key(|chain| chain.reaches)
    }

    /// The newest proof of any of its chains.
    pub(crate) fn proof(&self) -> Option<Proof> {
        let proofs = self.chains.iter().filter_map(|chain| chain.proof);
        proofs.max_by_key(|proof| proof.at)
    }
}

impl Listing {
    /// The lineage that a restore takes unless it is told otherwise.
    pub(crate) fn newest(&self) -> Option<&Lineage> {
        self.lineages.last()
    }

    /// How a lineage has to be named to restore from it; `None` where there is no other.
    pub(crate) fn named<'a>(&self, lineage: &'a Lineage) -> Option<&'a str> {
        (self.lineages.len() > 1).then_some(&*lineage.id)
    }

    /// The time of the newest snapshot.
    pub(crate) fn newest_object(&self) -> Option<Timestamp> {
        let objects = self.lineages.iter().flat_map(Lineage::objects);
        objects.filter_map(|one| one.at).max()
    }
}
