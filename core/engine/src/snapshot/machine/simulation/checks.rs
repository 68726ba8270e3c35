use std::time::Duration;

use super::World;
use super::answers::EVENT;
use super::store::head;
use crate::snapshot::machine::Input;

impl World {
    /// Nothing goes wrong any more: the store then reaches the newest revision, and a stop ends.
    pub(in crate::snapshot::machine) fn settle(&mut self) {
        self.store_up = true;
        if self.machine.has_ended() {
            return;
        }
        let newest = head(&self.history);
        for _ in 0..20_000 {
            let full = self.policy.period.is_none();
            if self
                .machine
                .stored()
                .is_some_and(|stored| full || stored >= newest)
            {
                self.check();
                return self.stop();
            }
            self.now += Duration::from_millis(100);
            self.tell(Input::Tick);
            self.answer();
        }
        panic!("{newest} is not reached: {:?}", self.machine);
    }

    pub(super) fn stop(&mut self) {
        self.store_up = true;
        self.tell(Input::Stop);
        for _ in 0..10_000 {
            if self.machine.has_ended() {
                return;
            }
            self.now += Duration::from_millis(100);
            self.answer();
            self.tell(Input::Tick);
        }
        panic!("a stop does not end: {:?}", self.machine);
    }

    /// What the machine says that the store reaches is remembered, and must be there for ever.
    pub(super) fn acknowledge(&mut self) {
        let Some(stored) = self.machine.stored() else {
            return;
        };
        let state = self.store.restored(self.lineage).unwrap();
        assert!(head(&state) >= stored, "{} < {stored}", head(&state));
        let before = self.acknowledged.insert(self.lineage, state);
        self.restored += u64::from(before.is_none());
    }

    pub(super) fn check(&mut self) {
        let limit = self.policy.limit.max(EVENT);
        // What waits, with the delta that was too much; one that is being ended; one that is open. Each may be
        // three times its limit while it waits for a full, and longer by what a message brings.
        let most = self.policy.queue + 9 * limit + 90 * EVENT;
        let held = self.machine.held();
        assert!(held <= most, "{held} bytes are held, {most} may be");
        for (lineage, state) in &self.acknowledged {
            let now = self.store.restored(*lineage).unwrap();
            assert!(now.starts_with(state), "lineage {lineage} lost what it had");
        }
    }
}
