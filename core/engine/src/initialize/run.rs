use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

use snapstore::clock::Clock;

use super::error::{Error, Result};
use super::judge::{Judged, judge};
use super::messages;
use super::outcome::Outcome;
use super::request::Request;
use crate::data_dir::{Aside, Resumed};
use crate::error::Error as System;
use crate::lock::{self, Held};
use crate::session::Session;

/// How often a directory in use is looked at again.
const PAUSE: Duration = Duration::from_secs(1);

/// Makes the data directory one that etcd can start on, or fails and leaves it as it was. One
/// process at a time; killed at any moment, the next run ends as this one would have.
pub async fn initialize(
    session: Option<&Session>,
    clock: &dyn Clock,
    request: &Request,
) -> Result<Outcome> {
    let data_dir = &request.validation.data_dir;
    let _held = hold(data_dir)?;
    let resumed = match request.validation.is_of_another() {
        true => Resumed::Nothing,
        false => Aside::resume(data_dir)?,
    };
    let mut judged = judge_when_free(session, clock, request).await?;
    if resumed == Resumed::PutBack {
        let remark = messages::killed_before_restore().to_owned();
        judged.validated.facts.remarks.push(remark);
    }
    if let Some(session) = session {
        judged.settle_histories(session, request).await?;
    }
    let mut outcome = judged.act(session, request).await?;
    set_guard(request, &mut outcome);
    Ok(outcome)
}

/// Holds the directory, if there is one, against a second run. Its own lock leaves no trace, so a
/// healthy directory stays as it is.
fn hold(data_dir: &Path) -> Result<Option<Held>> {
    let dir = match File::open(data_dir) {
        Ok(dir) => dir,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("open", data_dir)(error)),
    };
    if let Some(held) = lock::directory(dir, data_dir).map_err(Error::io("lock", data_dir))? {
        return Ok(Some(held));
    }
    let taken = System::DataDir {
        path: data_dir.to_owned(),
        what: messages::taken(&lock::holder(data_dir)),
    };
    Err(taken.into())
}

/// Judges the directory; while a process uses it, again and again, as long as the request waits for that.
async fn judge_when_free(
    session: Option<&Session>,
    clock: &dyn Clock,
    request: &Request,
) -> Result<Judged> {
    let mut judged = judge(session, request).await?;
    if judged.is_in_use() && !request.lock_timeout.is_zero() {
        let waiting = messages::waiting(&judged.found(request), request.lock_timeout);
        tracing::warn!("{waiting}");
    }
    let mut waited = Duration::ZERO;
    while judged.is_in_use() && waited < request.lock_timeout {
        clock.sleep(PAUSE).await;
        if let Some(session) = session {
            session.go_on()?;
        }
        waited += PAUSE;
        judged = judge(session, request).await?;
    }
    Ok(judged)
}

/// Writes whose volume it is. An etcd can start without it all the same.
fn set_guard(request: &Request, outcome: &mut Outcome) {
    if let Some(guard) = &request.validation.guard
        && let Err(error) = guard.set(&request.validation.data_dir)
    {
        outcome.remarks.push(messages::no_guard(&error.to_string()));
    }
}
