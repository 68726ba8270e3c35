//! What can be restored, and what would be lost, as far as it is known.

use std::time::Duration;

use jiff::Timestamp;

use crate::held::Held;
use crate::known::Known;
use crate::listing::Proof;
use crate::sidecar::Role;
use crate::words::since;

/// Seconds by which the clocks of two machines may differ.
const CLOCK_SKEW: i64 = 60;

/// The furthest state that can be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) revision: i64,
    /// Until when it holds all that etcd had.
    pub(super) until: Option<Timestamp>,
}

/// What would be lost now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    /// etcd has written nothing since.
    Nothing,
    /// What was written in this time, and how many revisions these were when etcd was asked.
    Since(Duration, i64),
    /// What was written in this time, if anything was: no etcd says whether.
    Perhaps(Duration),
}

impl Known {
    /// By what the sidecar that takes the backups knows, else by the listing. What somebody has deleted since it was stored, the
    /// listing knows alone.
    pub(super) fn reach(&self) -> Option<Reach> {
        if self.is_contradicted() {
            return self.listed_reach();
        }
        let sidecar = self.sidecar.as_ref().filter(|one| one.role == Role::Leader);
        let told = sidecar.and_then(|one| one.backups.restorable);
        told.map(|told| Reach {
            revision: told.revision,
            until: Some(told.until),
        })
        .or_else(|| self.listed_reach())
    }

    /// Whether the store lacks what the sidecar has stored: see [`Held`].
    pub(super) fn is_contradicted(&self) -> bool {
        let sidecar = self.sidecar.as_ref().filter(|one| one.role == Role::Leader);
        let listing = self
            .store
            .as_ref()
            .and_then(|store| store.listing.as_deref());
        let (Some(backups), Some(listing)) = (sidecar.map(|one| &one.backups), listing) else {
            return false;
        };
        matches!(Held::of(backups, listing), Held::Less(_))
    }

    /// By the listing.
    pub(super) fn listed_reach(&self) -> Option<Reach> {
        let listing = self.store.as_ref()?.listing.as_deref()?;
        let chain = listing.newest()?.furthest()?;
        Some(Reach {
            revision: chain.reaches,
            until: chain.until(),
        })
    }

    /// `None` where it is not known.
    pub(super) fn loss(&self) -> Option<Loss> {
        let reach = self.reach()?;
        let newest = self.sidecar.as_ref().and_then(|one| one.backups.newest);
        let passed = reach.until.and_then(|until| since(until, self.now));
        match newest {
            Some(newest) if newest.revision <= reach.revision => Some(Loss::Nothing),
            Some(newest) => Some(Loss::Since(
                passed?,
                newest.revision.saturating_sub(reach.revision),
            )),
            // An etcd that has not answered may hold more than any backup.
            None if self.sidecar.is_some() => None,
            None => Some(Loss::Perhaps(passed?)),
        }
    }

    /// The newest proof that anybody knows of; of what can be restored, where there is one.
    pub(super) fn proof(&self) -> Option<Proof> {
        let told = self
            .sidecar
            .iter()
            .flat_map(|one| &one.backups.proofs)
            .copied();
        let listing = self
            .store
            .as_ref()
            .and_then(|store| store.listing.as_deref());
        let noted = listing.and_then(|listing| listing.newest()?.proof());
        let reach = self.reach().map_or(i64::MIN, |reach| reach.revision);
        told.chain(noted)
            .max_by_key(|proof| (proof.revision <= reach, proof.at))
    }

    /// The time of a snapshot that is still to come by the clock of this machine.
    pub(super) fn ahead(&self) -> Option<Timestamp> {
        let listing = self
            .store
            .as_ref()
            .and_then(|store| store.listing.as_deref());
        let newest = listing.and_then(|listing| listing.newest_object());
        newest.filter(|at| at.as_second() > self.now.as_second().saturating_add(CLOCK_SKEW))
    }

    /// Whether a store without a backup is none that waits for its first etcd.
    pub(super) fn has_etcd_or_none_is_asked(&self) -> bool {
        self.sidecar.is_none() || self.has_etcd()
    }

    /// Whether an etcd answers here, as far as there is one.
    fn has_etcd(&self) -> bool {
        self.sidecar
            .as_ref()
            .is_some_and(|one| matches!(one.etcd, Some(Ok(()))))
    }
}
