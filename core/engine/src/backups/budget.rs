//! How far ahead decoding may run: so many bytes for all objects together.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Bytes that the object being applied may hold whatever the others hold: without it, objects
/// further ahead could fill the budget and wait for ever for the one before them.
const HEAD_SHARE: usize = 2 << 20;

/// Bytes decoded and not yet applied.
#[derive(Debug)]
pub(crate) struct Budget {
    limit: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    used: usize,
    by_object: HashMap<usize, usize>,
    /// The object being applied.
    head: usize,
    closed: bool,
}

/// Nobody waits for the bytes any more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Closed;

impl Budget {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until `bytes` more of `object` may be held.
    pub(crate) fn reserve(&self, object: usize, bytes: usize) -> Result<(), Closed> {
        let mut state = self.state();
        loop {
            if state.closed {
                return Err(Closed);
            }
            let own = state.by_object.get(&object).copied().unwrap_or(0);
            let fits = state.used + bytes <= self.limit || state.used == 0;
            if fits || (object == state.head && own < HEAD_SHARE) {
                state.used += bytes;
                *state.by_object.entry(object).or_default() += bytes;
                return Ok(());
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until `object` is the one being applied.
    pub(crate) fn wait_for_turn(&self, object: usize) -> Result<(), Closed> {
        let mut state = self.state();
        while !state.closed && state.head != object {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        match state.closed {
            true => Err(Closed),
            false => Ok(()),
        }
    }

    /// `bytes` of `object` have been applied.
    pub(crate) fn release(&self, object: usize, bytes: usize) {
        let mut state = self.state();
        state.used = state.used.saturating_sub(bytes);
        if let Some(own) = state.by_object.get_mut(&object) {
            *own = own.saturating_sub(bytes);
        }
        self.changed.notify_all();
    }

    /// `object` is the one being applied from now on.
    pub(crate) fn advance(&self, object: usize) {
        let mut state = self.state();
        state.head = object;
        state.by_object.retain(|_, held| *held > 0);
        self.changed.notify_all();
    }

    /// Nothing will be applied any more: who waits, gives up.
    pub(crate) fn close(&self) {
        self.state().closed = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::thread;

    #[test]
    fn the_object_being_applied_never_waits_for_those_ahead() {
        let budget = Budget::new(10);
        budget.reserve(1, 10).unwrap();
        budget.reserve(0, 5).unwrap();
    }

    #[test]
    fn one_piece_larger_than_the_budget_passes_alone() {
        let budget = Budget::new(10);
        budget.reserve(3, 100).unwrap();
        budget.release(3, 100);
        budget.reserve(4, 100).unwrap();
    }

    #[test]
    fn who_waits_goes_on_when_bytes_are_released() {
        let budget = Arc::new(Budget::new(10));
        budget.reserve(1, 10).unwrap();
        let waiting = thread::spawn({
            let budget = budget.clone();
            move || budget.reserve(2, 10)
        });
        budget.release(1, 10);
        assert_eq!(waiting.join().unwrap(), Ok(()));
    }

    /// Six deltas with one long event each held all of them at once, outside the budget.
    #[test]
    fn a_long_event_waits_until_its_object_is_applied() {
        let budget = Arc::new(Budget::new(10));
        assert_eq!(budget.wait_for_turn(0), Ok(()));
        let waiting = thread::spawn({
            let budget = budget.clone();
            move || budget.wait_for_turn(1)
        });
        budget.advance(1);
        assert_eq!(waiting.join().unwrap(), Ok(()));
        budget.close();
        assert_eq!(budget.wait_for_turn(1), Err(Closed));
    }

    #[test]
    fn who_waits_gives_up_when_the_budget_closes() {
        let budget = Arc::new(Budget::new(10));
        budget.reserve(1, 10).unwrap();
        let waiting = thread::spawn({
            let budget = budget.clone();
            move || budget.reserve(2, 10)
        });
        budget.close();
        assert_eq!(waiting.join().unwrap(), Err(Closed));
    }
}
