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
    /// The state now stands at this revision.
    Reached(i64),
    /// A new part of the work begins.
    Phase(&'a str),
    /// Something the operator should know, although the work goes on.
    Warning(&'a str),
}

/// An observer that does not look.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn event(&self, _event: Event<'_>) {}
}
