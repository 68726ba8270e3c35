/// Told how far a verb has come. Called often and from several threads: be quick.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn event(&self, event: Event<'_>);
}

/// What an [`Observer`] is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// What will be fetched is known.
    Planned {
        /// How many objects.
        objects: usize,
        /// Their bytes in the store, all together.
        bytes: u64,
    },
    /// So many more bytes of objects have arrived.
    Fetched(u64),
    /// So many more bytes of a database have come from etcd, for a full. How many there are, whoever takes it is told elsewhere.
    Streamed(u64),
    /// The state now stands at this revision.
    Reached(i64),
    /// A new part of the work begins.
    Phase(Phase),
    /// Something the operator should know, although the work goes on.
    Warning(&'a str),
}

/// A part of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// The database of the full and the events of the deltas are written.
    Restoring,
    /// All objects are read and folded, and nothing is written.
    Verifying,
    /// The commit is on its way to the disk.
    Flushing,
    /// What was written is read again.
    Checking,
    /// The database is written anew, without its history.
    Compacting,
    /// What was made is on its way to the store.
    Storing,
    /// The member whose place is taken is compared with what was restored.
    Comparing,
    /// A store is looked at until it holds a final full.
    Waiting,
    /// Objects go from one store to another.
    Copying,
    /// All objects are read for what is asked of them.
    Reading,
}

/// An observer that does not look.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn event(&self, _event: Event<'_>) {}
}
