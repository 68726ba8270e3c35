use std::marker::PhantomData;

use bolt::Tail;

use super::apply::Entries;
use super::output::Output;
use super::walk::Walk;
use crate::backups::Error;

/// Entries go after the last one of the key bucket. `E` is the error of the verb.
pub(crate) struct Appended<'w, 'a, E> {
    walk: &'w Walk<'a>,
    tail: Tail<'w, &'a Output>,
    _error: PhantomData<fn() -> E>,
}

impl<'w, 'a, E> Appended<'w, 'a, E> {
    /// To the `tail` of the key bucket in the file of the walk.
    pub(crate) fn new(walk: &'w Walk<'a>, tail: Tail<'w, &'a Output>) -> Self {
        Self {
            walk,
            tail,
            _error: PhantomData,
        }
    }
}

impl<E: From<Error>> Entries for Appended<'_, '_, E> {
    type Error = E;

    fn push(&mut self, key: &[u8], value: &[u8]) -> Result<(), E> {
        let pushed = self.tail.push(key, value);
        pushed.map_err(|error| self.walk.failed(error).into())
    }
}
