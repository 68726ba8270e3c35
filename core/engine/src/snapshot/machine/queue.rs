use std::collections::VecDeque;

/// A closed delta that waits for the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Closed {
    pub(super) first: i64,
    pub(super) last: i64,
    bytes: u64,
}

/// Closed deltas, in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    closed: VecDeque<Closed>,
    bytes: u64,
}

impl Queue {
    pub(super) fn push(&mut self, first: i64, last: i64, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        self.closed.push_back(Closed { first, last, bytes });
    }

    pub(super) fn first(&self) -> Option<Closed> {
        self.closed.front().copied()
    }

    pub(super) fn last(&self) -> Option<Closed> {
        self.closed.back().copied()
    }

    pub(super) fn pop(&mut self) -> Option<Closed> {
        let closed = self.closed.pop_front()?;
        self.bytes = self.bytes.saturating_sub(closed.bytes);
        Some(closed)
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.closed.is_empty()
    }

    /// Bytes of all of them.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}
