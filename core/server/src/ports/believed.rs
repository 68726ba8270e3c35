//! What is known of the backups, beside what the newest listing shows of the store.

use page::{Failing, Fault, Held, Newest, Proof, Restorable, Taken};

use super::backups::{self, Backups};
use super::snapshots::TakenSnapshot;

impl Backups {
    /// Whether the store holds what was stored there, by the newest listing; `None` where there is no listing yet, or nothing is
    /// known to have been stored.
    pub fn held(&self) -> Option<Held> {
        let listing = self.listing.as_deref()?;
        self.restorable.as_ref()?;
        Some(Held::of(&self.shown(), listing))
    }

    /// The same, where a restore leads to what the listing shows if that lacks what was stored.
    pub fn believed(self) -> Self {
        match self.held() {
            None | Some(Held::All) => self,
            Some(Held::Less(leads_to)) => Self {
                restorable: leads_to.map(|one| backups::Restorable {
                    revision: one.revision,
                    complete_until: one.until,
                }),
                ..self
            },
        }
    }

    /// As the page has it.
    pub(crate) fn shown(&self) -> page::Backups {
        page::Backups {
            restorable: self.restorable.as_ref().map(|one| Restorable {
                revision: one.revision,
                until: one.complete_until,
            }),
            newest: self.newest.as_ref().map(|one| Newest {
                revision: one.revision,
                read_at: one.read_at,
            }),
            last_full: self.last_full.as_ref().map(taken),
            last_delta: self.last_delta.as_ref().map(taken),
            stored_at: self.stored_at,
            next_full: self.next_full,
            proofs: self.proofs.iter().map(proof).collect(),
            failing: self.failing.iter().map(failing).collect(),
        }
    }
}

fn taken(told: &TakenSnapshot) -> Taken {
    Taken {
        name: told.snap_name.clone(),
        revision: told.last_revision,
        at: told.created_on,
    }
}

fn proof(told: &backups::Proof) -> Proof {
    Proof {
        tier: told.tier,
        revision: told.revision,
        at: told.made_at,
    }
}

fn failing(told: &backups::Failing) -> Failing {
    Failing {
        what: told.what.clone(),
        fault: Fault {
            since: told.since,
            why: snapstore::printable(&told.why),
        },
    }
}
