use super::event::Event;

/// What a watch says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchItem {
    /// Events.
    Batch(Batch),
    /// There is nothing to say. Before 3.4.25 and 3.5.8 it may overtake events (etcd#15220): it is a sign of
    /// life, and no claim that all events up to `head` were sent.
    Progress {
        /// The newest revision of the member.
        head: i64,
    },
    /// etcd has ended the watch.
    Canceled {
        /// The compaction that took the start away, if that is why.
        compact_revision: Option<i64>,
        /// etcd's words, made safe to print; often none.
        reason: String,
    },
}

/// Events in the order of their revisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The newest revision of the member: at or ahead of the events, never the revision of the last of them.
    pub head: i64,
    /// At least one.
    pub events: Vec<Event>,
    /// What is known of the revision of the last event.
    pub end: BatchEnd,
}

impl Batch {
    /// Bytes that it takes in memory, nearly.
    pub fn memory(&self) -> usize {
        self.events.iter().map(Event::memory).sum()
    }
}

/// Whether a revision may go on after a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchEnd {
    /// The batch was cut here, and maybe its last revision, too.
    Cut,
    /// All events of its last revision were sent.
    Whole,
}
