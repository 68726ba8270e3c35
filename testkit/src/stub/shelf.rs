use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

/// Objects, and the rules they are under.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    pub(super) objects: BTreeMap<String, Held>,
    /// What was sent of objects that are not complete: by name and part, or by session.
    pub(super) unfinished: BTreeMap<String, BTreeMap<String, Bytes>>,
    pub(super) retention: Option<Duration>,
    /// Who comes first at which name.
    pub(super) rivals: BTreeMap<String, Bytes>,
    generation: u64,
}

/// What a stub holds, shared between it and who has started it.
pub(crate) type Shared = Arc<Mutex<Shelf>>;

pub(crate) fn lock(shelf: &Shared) -> MutexGuard<'_, Shelf> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One object.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(super) data: Bytes,
    pub(super) written: SystemTime,
    /// Of all writes, this was the so-manyth.
    pub(super) generation: u64,
    pub(super) metadata: BTreeMap<String, String>,
}

/// What must be at a name for a write to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Condition {
    None,
    /// Nothing.
    Absent,
    /// This generation.
    Is(u64),
}

/// Why a write or a deletion is not done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Conflict {
    /// There is nothing.
    Missing,
    /// The condition does not hold.
    Condition,
    /// It must stay until then.
    Retained(SystemTime),
}

impl Shelf {
    pub(super) fn get(&self, name: &str) -> Result<&Held, Conflict> {
        self.objects.get(name).ok_or(Conflict::Missing)
    }

    /// Writes an object, unless its name is taken or held.
    pub(super) fn put(
        &mut self,
        name: &str,
        data: Bytes,
        metadata: BTreeMap<String, String>,
        condition: Condition,
    ) -> Result<Held, Conflict> {
        if let Some(rival) = self.rivals.remove(name) {
            self.store(name, rival, BTreeMap::new());
        }
        let there = self.objects.get(name);
        let holds = match condition {
            Condition::None => true,
            Condition::Absent => there.is_none(),
            Condition::Is(generation) => there.is_some_and(|held| held.generation == generation),
        };
        if !holds {
            return Err(Conflict::Condition);
        }
        if let Some(until) = there.and_then(|held| self.holds_until(held)) {
            return Err(Conflict::Retained(until));
        }
        Ok(self.store(name, data, metadata))
    }

    pub(super) fn delete(&mut self, name: &str) -> Result<(), Conflict> {
        if let Some(until) = self.holds_until(self.get(name)?) {
            return Err(Conflict::Retained(until));
        }
        self.objects.remove(name);
        Ok(())
    }

    /// Until when the policy says that it stays, be that past or not.
    pub(super) fn retained_until(&self, held: &Held) -> Option<SystemTime> {
        self.retention.map(|period| held.written + period)
    }

    pub(super) fn age(&mut self, by: Duration) {
        self.objects
            .values_mut()
            .for_each(|held| held.written -= by);
    }

    fn holds_until(&self, held: &Held) -> Option<SystemTime> {
        self.retained_until(held).filter(|until| *until > now())
    }

    fn store(&mut self, name: &str, data: Bytes, metadata: BTreeMap<String, String>) -> Held {
        self.generation += 1;
        let held = Held {
            data,
            written: now(),
            generation: self.generation,
            metadata,
        };
        self.objects.insert(name.to_owned(), held.clone());
        held
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "it stands for a service with a clock of its own"
)]
fn now() -> SystemTime {
    SystemTime::now()
}
