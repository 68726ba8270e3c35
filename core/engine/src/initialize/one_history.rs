//! A store whose names suggest two histories is checked by content before it is refused. Names cannot tell two
//! histories from a clock that was ahead; what the objects hold can.

use super::decide::{Action, Refusal};
use super::error::Result;
use super::judge::Judged;
use super::request::Request;
use crate::backups::{Error, Target, plan};
use crate::error::Error as System;
use crate::lineage::is_of_one_history;
use crate::session::Session;

impl Judged {
    /// Where a whole member lags and names speak of two histories: reads what was written later, and if
    /// it is what the other objects lead to, the newest state may be restored.
    pub(super) async fn settle_histories(
        &mut self,
        session: &Session,
        request: &Request,
    ) -> Result<()> {
        if self.action == Action::Refuse(Refusal::TwoHistories)
            && self.is_proven(session, request).await?
        {
            self.validated.is_one_history = true;
            self.action = Action::Restore;
        }
        Ok(())
    }

    /// What cannot be compared is not proven.
    async fn is_proven(&self, session: &Session, request: &Request) -> Result<bool> {
        let catalogue = &self.validated.branch.catalogue;
        let later: Vec<_> = catalogue.written_later().into_iter().cloned().collect();
        let mut others = catalogue.clone();
        others.snapshots.retain(|one| !later.contains(one));
        let reading = request.restore.reading;
        for full in later {
            let Ok(plan) = plan(&others, &Target::Revision(full.name.last), &[]) else {
                return Ok(false);
            };
            let (session, dir) = (session.clone(), request.validation.data_dir.clone());
            let reading = move || is_of_one_history(&session, &full, &plan, reading, &dir);
            let read = tokio::task::spawn_blocking(reading).await;
            match read.map_err(|died| System::Died(died.to_string()))? {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                // They do not fit each other, or cannot be read.
                Err(
                    Error::Damaged { .. }
                    | Error::WrongHash { .. }
                    | Error::Gap { .. }
                    | Error::Ahead { .. }
                    | Error::Unreachable(_),
                ) => {
                    return Ok(false);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }
}
