//! A chain in one file: the full, and after it the events and the leases of its deltas.

use bolt::{Append, Db};
use etcd::schema::bucket;
use etcd::store_state::StoreState;

use super::appended::Appended;
use super::apply::Outcome;
use super::leases::LeaseCounts;
use super::walk::Walk;
use crate::backups::fetch::Deltas;
use crate::backups::{Error, Result};

impl Walk<'_> {
    /// Appends the events of the deltas to the full in the file, and the leases that they name. A full alone stays as it
    /// is, byte for byte. `unknown_lease_ttl` is in seconds.
    pub(crate) fn extend(
        &self,
        (state, deltas): (&StoreState, Deltas),
        unknown_lease_ttl: i64,
    ) -> Result<(Outcome, LeaseCounts)> {
        let failed = |error| self.failed(error);
        let db = Db::open(self.file).map_err(failed)?;
        let mut append = Append::open(self.file).map_err(failed)?;
        let tail = append.tail(bucket::KEY).map_err(failed)?;
        let mut entries = Appended::<Error>::new(self, tail);
        let outcome = self.replay(&db, state, deltas, &mut entries)?;
        let (leases, counts) = self.leases(&db, &outcome, unknown_lease_ttl)?;
        if outcome.events > 0 || self.plan.base.is_none() {
            append.replace(bucket::LEASE, &leases).map_err(failed)?;
            append.commit().map_err(failed)?;
        }
        Ok((outcome, counts))
    }
}
