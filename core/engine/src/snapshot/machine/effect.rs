/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Ask for the newest revision that the members agree on.
    AskHead,
    /// Read the newest event that is known, of those that were read and of those that a full holds, back from
    /// etcd.
    Probe {
        /// Its revision must be at least this: of an older one nothing is proven, since an etcd that was
        /// restored to a state in between has it too.
        least: i64,
    },
    /// Watch from this revision on; the open delta is empty.
    Watch {
        /// The first revision.
        from: i64,
    },
    /// Give the watch up, at once. What of a revision was not read to its end is dropped.
    Unwatch,
    /// End the open delta, which holds these revisions.
    Cut {
        /// The first.
        first: i64,
        /// The last.
        last: i64,
    },
    /// Store the oldest closed delta.
    Send {
        /// Its first revision.
        first: i64,
        /// Its last.
        last: i64,
    },
    /// Drop what is open and what is closed.
    DropDeltas,
    /// Drop what is closed, and give up what of it is being stored: the full that begins next holds it, and nothing
    /// else leads there.
    DropClosed,
    /// Drop the open delta: the full that it follows may hold more than that, and etcd-backup-restore could
    /// not apply it.
    DropOpen {
        /// Its first revision.
        first: i64,
        /// Its last.
        last: i64,
    },
    /// Take a full under this name.
    Full {
        /// The revision in its name: the full holds at least that.
        revision: i64,
        /// Whether it continues what is in the store.
        base: Base,
    },
    /// Give the full up that is under way, and say what became of it: it may have been stored all the same.
    AbandonFull,
    /// These revisions are in no delta: no state between them can be restored.
    Hole {
        /// The first.
        first: i64,
        /// The last.
        last: i64,
    },
    /// The history of etcd is not, or is not proven to be, that of the store: a new lineage begins.
    NewLineage,
    /// There is nothing left to do.
    End(Ending),
}

/// What a full stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// The deltas of the store reach the revision of its name.
    Continues,
    /// Nothing in the store reaches it.
    Anew,
}

/// How a snapshotter ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// All that was held is stored.
    Stored,
    /// What was held was not stored: nothing in the store reaches it.
    Dropped {
        /// The first revision that is held and not stored.
        first: i64,
        /// The last.
        last: i64,
    },
    /// Another writer goes on.
    Deposed,
}
