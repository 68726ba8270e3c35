//! What a sidecar has stored, beside what the store holds by a listing: a sidecar knows what it has stored, and not what somebody has
//! deleted or cut since.

use jiff::SignedDuration;

use crate::listing::{Listing, Object};
use crate::sidecar::{Backups, Restorable};

/// For how long a listing may lack what was stored: those of some stores lag.
const LAG: SignedDuration = SignedDuration::from_secs(60);

/// Whether a store holds what a sidecar has stored there, as far as a listing tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// The listing lacks nothing that has to be in it.
    All,
    /// It does: a restore leads to this state, if to any.
    Less(Option<Restorable>),
}

impl Held {
    /// Of backups that lead somewhere, by what the sidecar knows.
    pub fn of(backups: &Backups, listing: &Listing) -> Self {
        let chain = listing.newest().and_then(|newest| newest.furthest());
        let taken = [&backups.last_full, &backups.last_delta];
        let stored = taken.into_iter().flatten().map(|one| one.revision).max();
        let leads_as_far =
            stored.is_some_and(|stored| chain.is_some_and(|chain| chain.reaches >= stored));
        // No later object fills a gap, or makes one whole. Of what was stored after the listing, that says nothing.
        if backups.restorable.is_none()
            || leads_as_far
            || !(is_spoilt(backups, listing) || is_later(backups, listing))
        {
            return Self::All;
        }
        let leads_to = chain.and_then(|chain| {
            Some(Restorable {
                revision: chain.reaches,
                until: chain.until()?,
            })
        });
        Self::Less(leads_to)
    }
}

/// Whether something is missing or cut in the chain that the sidecar continues.
fn is_spoilt(backups: &Backups, listing: &Listing) -> bool {
    let Some(own) = &backups.last_full else {
        return false;
    };
    let chains = listing.newest().into_iter().flat_map(|one| &one.chains);
    let mut own_chain = chains.filter(|chain| {
        let full = chain.full.as_ref();
        full.is_some_and(|full| full.name == own.name)
    });
    own_chain.any(|chain| chain.gap.is_some() || chain.objects().any(Object::is_unreadable))
}

/// Whether all that the sidecar has stored was there when the listing began.
fn is_later(backups: &Backups, listing: &Listing) -> bool {
    let shown = backups.stored_at.and_then(|at| at.checked_add(LAG).ok());
    shown.is_some_and(|shown| listing.at > shown)
}
