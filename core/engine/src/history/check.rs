//! The check of a database that a walk has written.

use bolt::Db;
use etcd::store_state::StoreState;

use super::apply::Outcome;
use super::verify_file::{Found, look};
use super::walk::Walk;
use crate::backups::{Error, Result};

impl Walk<'_> {
    /// Reads all of the file again: what is in it, and its length in bytes. `state` is that of the full, and `pages` are
    /// those of it.
    pub(crate) fn check(
        &self,
        state: &StoreState,
        outcome: &mut Outcome,
        pages: u64,
    ) -> Result<(Found, u64)> {
        let db = Db::open(self.file).map_err(|error| self.failed(error))?;
        let looked = look(&db, state.revision, &mut outcome.index, self.session.seed);
        let found = looked.map_err(|wrong| self.wrong(wrong, pages))?;
        // A CRC runs on: what the hash of all must be follows from that of the base and of the events.
        let meant = outcome.hash_with_base(found.base);
        if found.revision != outcome.revision || found.whole != meant {
            let what = "the entries read back are not the ones that were written";
            return Err(Error::Inconsistent(what.into()));
        }
        Ok((found, db.logical_size()))
    }
}
