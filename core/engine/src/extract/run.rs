use std::sync::Arc;

use client::{Etcd, Read};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::apply::apply;
use super::cluster::{Whose, whose};
use super::error::{Error, Result};
use super::plan::{Room, decide};
use super::report::{Counts, Outcome, Report, Step};
use super::request::{Listener, Mode, OtherCluster, Request};
use crate::error::Error as System;
use crate::history::tell;
use crate::keyspace::{self, Difference, Live, Origin, Side, State, differences, open};

/// Compares keys of a state of backups with those of an etcd that runs, tells `listener` of each that is not as in the backup, and
/// writes it if that is asked for. A key that somebody writes after it was looked at is never written over.
pub async fn extract<L: Listener>(
    cancel: &CancellationToken,
    request: &Request,
    listener: L,
) -> Result<(Report, L)> {
    let backup = open(&request.from, &request.keys, request.memory);
    let backup = backup
        .await
        .map_err(|source| Error::Backup { source, written: 0 })?;
    let live = match &request.to {
        Some(etcd) => Some(live(cancel, request, &backup, etcd).await?),
        None => None,
    };
    let (cancel, runtime) = (cancel.clone(), Handle::current());
    let mut request = request.clone();
    // What is written goes where it was looked at: another endpoint may be of another cluster.
    request.to = live.as_ref().and_then(State::member);
    let work = move || {
        let mut run = Run {
            cancel,
            runtime,
            request,
            listener,
            counts: Counts::default(),
            steps: Vec::new(),
            room: Room::ALL,
        };
        run.through(&backup, live.as_ref())?;
        Ok(run.ended(backup, live))
    };
    let died = |error: tokio::task::JoinError| Error::System(System::Died(error.to_string()));
    tokio::task::spawn_blocking(work).await.map_err(died)?
}

/// The state of the etcd, if the backup is of it.
async fn live(
    cancel: &CancellationToken,
    request: &Request,
    backup: &State,
    etcd: &Arc<dyn Etcd>,
) -> Result<State> {
    let unread = |source| Error::Live { source, written: 0 };
    let side = Side::Live(etcd.clone(), cancel.clone());
    let live = open(&side, &request.keys, request.memory).await;
    let live = live.map_err(unread)?;
    let (Origin::Backup(backup), Origin::Live(Live { cluster_id, .. })) =
        (&backup.origin, &live.origin)
    else {
        return Ok(live);
    };
    if request.other_cluster == OtherCluster::Refuse {
        let members = match backup.cluster_ids.is_empty() {
            true => match live.member() {
                Some(etcd) => members(cancel, &*etcd).await.map_err(unread)?,
                None => Vec::new(),
            },
            false => Vec::new(),
        };
        match whose(backup, *cluster_id, &members) {
            Whose::Same => {}
            Whose::Other(backup, live) => return Err(Error::OtherCluster { backup, live }),
            Whose::Unknown => tell_unknown(&request.from),
        }
    }
    Ok(live)
}

async fn members(cancel: &CancellationToken, etcd: &dyn Etcd) -> keyspace::Result<Vec<u64>> {
    let asking = etcd.members(Read::Agreed);
    let asked = cancel.run_until_cancelled(asking).await;
    let members = asked.ok_or(keyspace::Error::Interrupted)?;
    let members = members.map_err(keyspace::Error::Etcd)?.members;
    Ok(members.iter().map(|member| member.id).collect())
}

fn tell_unknown(from: &Side) {
    let (Side::Store(session, _) | Side::File(session, ..)) = from else {
        return;
    };
    let warning =
        "the backup does not say of which cluster it is: make sure that it is of this one";
    tell(session, &[warning.to_owned()]);
}

struct Run<L> {
    cancel: CancellationToken,
    runtime: Handle,
    request: Request,
    listener: L,
    counts: Counts,
    /// What the next transaction writes, and how much more fits into it.
    steps: Vec<Step>,
    room: Room,
}

impl<L: Listener> Run<L> {
    fn through(&mut self, backup: &State, live: Option<&State>) -> Result<()> {
        let from = backup.items().map(|item| item.map_err(Failed::Backup));
        let to = live.into_iter().flat_map(|live| live.items());
        let to = to.map(|item| item.map_err(Failed::Live));
        for difference in differences(from, to) {
            let difference = difference.map_err(|failed| self.failed(failed))?;
            self.go_on()?;
            if !matches!(difference, Difference::Rewritten { .. }) {
                self.take(difference)?;
            }
        }
        self.transact()
    }

    fn take(&mut self, difference: Difference) -> Result<()> {
        let write = decide(&difference, self.request.rules);
        let is_written = write.is_some() && self.request.mode == Mode::Apply;
        let outcome = match write {
            Some(_) => Outcome::Planned,
            None => Outcome::Left,
        };
        let step = Step {
            difference,
            write,
            outcome,
        };
        match &step.write {
            Some(write) if is_written => {
                self.room = match self.room.after(write) {
                    Some(room) => room,
                    None => {
                        self.transact()?;
                        // Into an empty one anything goes.
                        Room::ALL.after(write).unwrap_or(Room::ALL)
                    }
                };
                self.steps.push(step);
                Ok(())
            }
            _ => self.told(&step),
        }
    }

    fn transact(&mut self) -> Result<()> {
        self.room = Room::ALL;
        let steps = std::mem::take(&mut self.steps);
        let Some(etcd) = self.request.to.clone().filter(|_| !steps.is_empty()) else {
            return Ok(());
        };
        self.go_on()?;
        // Once begun it is waited for: what came of it must be known.
        let (done, failed) = self.runtime.block_on(apply(&*etcd, steps));
        // All of it is there, whoever hears of it.
        done.iter().for_each(|step| self.counts.count(step));
        done.iter().try_for_each(|step| self.heard(step))?;
        match failed {
            Some(failed) => Err(failed.after(self.counts.written)),
            None => Ok(()),
        }
    }

    fn go_on(&self) -> Result<()> {
        let written = self.counts.written;
        match self.cancel.is_cancelled() {
            true => Err(Error::Interrupted { written }),
            false => Ok(()),
        }
    }

    fn told(&mut self, step: &Step) -> Result<()> {
        self.counts.count(step);
        self.heard(step)
    }

    fn heard(&mut self, step: &Step) -> Result<()> {
        let written = self.counts.written;
        let told = self.listener.hear(step);
        told.map_err(|source| Error::Listener { source, written })
    }

    fn failed(&self, failed: Failed) -> Error {
        let written = self.counts.written;
        match failed {
            Failed::Backup(keyspace::Error::Interrupted)
            | Failed::Live(keyspace::Error::Interrupted) => Error::Interrupted { written },
            Failed::Backup(source) => Error::Backup { source, written },
            Failed::Live(source) => Error::Live { source, written },
        }
    }

    fn ended(self, backup: State, live: Option<State>) -> (Report, L) {
        let report = Report {
            from: backup.origin,
            to: live.map(|live| live.origin),
            counts: self.counts,
        };
        (report, self.listener)
    }
}

/// Which of the two states could not be read.
enum Failed {
    Backup(keyspace::Error),
    Live(keyspace::Error),
}
