//! What watches say: events that arrive, and are written to deltas when their revision is whole.

use std::time::Duration;

use super::driver::Driver;
use super::error::Result;
use super::leases;
use super::notice::Notice;
use super::said::{Said, Watched};
use crate::backups::storing;
use crate::snapshot::deltas::Gathered;
use crate::snapshot::machine::{Input, WatchEnd};

/// How long events wait for the times of leases.
const LEASES_WITHIN: Duration = Duration::from_secs(1);

impl Driver<'_> {
    /// What the watch says.
    pub(super) fn watched(&mut self, said: Watched) -> Result<()> {
        match said {
            Watched::Created(member) => {
                let from = self.machine.read().saturating_add(1);
                self.history.asked = member;
                let member = &member;
                self.listener.notice(&Notice::Follows { from, member });
                self.tell(Input::Watching)
            }
            Watched::Batches(batches) => {
                let now = (self.settings.now)();
                for batch in batches {
                    let hole = self.gatherer.arrived(batch, now);
                    self.way.hole = self.way.hole.or(hole);
                }
                let unknown = self.leases.unknown(self.gatherer.leases());
                if unknown.is_empty() {
                    return self.write_events();
                }
                let (etcd, clock) = (self.etcd.clone(), self.session.clock.clone());
                let ask = leases::ask(etcd, clock, unknown, LEASES_WITHIN);
                let ask = async { Said::Leases(ask.await) };
                self.way.leases = Some(self.jobs.ask(ask));
                Ok(())
            }
            Watched::Ended(end, why) => {
                self.way.watch = None;
                self.listener.notice(&Notice::WatchEnded { why });
                self.tell(Input::WatchEnded(end))
            }
        }
    }

    /// Writes the revisions that have arrived whole.
    pub(super) fn write_events(&mut self) -> Result<()> {
        while self.way.watch.is_some() {
            let leases = &self.leases;
            let ttl = |lease| leases.granted(lease);
            let written = self.gatherer.write(&ttl);
            match written.map_err(storing::Error::Encode)? {
                Some(Gathered::Revision { revision, json }) => {
                    self.tell(Input::Revision { revision, json })?;
                }
                Some(Gathered::Hole { .. }) | None => break,
            }
        }
        match self.way.hole.take() {
            Some(Gathered::Hole { first, last }) if self.way.watch.is_some() => {
                self.way.watch = None;
                self.listener.notice(&Notice::EventsMissing { first, last });
                self.tell(Input::WatchEnded(WatchEnd::Hole))
            }
            _ => Ok(()),
        }
    }
}
