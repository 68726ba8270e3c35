use std::time::Duration;

use client::Etcd;
use snapstore::clock::Clock;
use tokio_util::sync::CancellationToken;

use super::error::{Error, Result};
use super::look::{Reached, id, look};
use super::plan::{Role, Seen, order, successor};
use super::report::{Line, Outcome, Report};
use super::request::{Mode, Request};
use super::unhealthy::Unhealthy;

/// How long a cluster may take to be healthy again after a member was blocked or the leadership moved, and how often it is
/// looked at meanwhile.
const SETTLES: (Duration, Duration) = (Duration::from_secs(60), Duration::from_millis(500));

/// Defragments the members of a cluster, one after another, as long as it is healthy.
///
/// All are looked at again before each turn. The leader comes last, after another leads; the only voter is blocked in its place.
pub async fn run(
    etcd: &dyn Etcd,
    request: &Request,
    clock: &dyn Clock,
    cancel: &CancellationToken,
) -> Result<Report> {
    let run = Run {
        etcd,
        request,
        clock,
        cancel,
    };
    let mut report = Report {
        dry_run: request.mode == Mode::DryRun,
        ..Report::default()
    };
    let turns = match run.look().await? {
        Ok(turns) => turns,
        Err(unhealthy) => return Err(unhealthy_after(unhealthy, &report)),
    };
    let turns: Vec<u64> = turns.into_iter().map(|one| one.seen.id).collect();
    for turn in turns {
        run.turn(turn, &mut report).await?;
    }
    Ok(report)
}

struct Run<'a> {
    etcd: &'a dyn Etcd,
    request: &'a Request,
    clock: &'a dyn Clock,
    cancel: &'a CancellationToken,
}

impl Run<'_> {
    /// What becomes of one member.
    async fn turn(&self, member: u64, report: &mut Report) -> Result<()> {
        let members = self.healthy(report).await?;
        let Some(reached) = members.iter().find(|one| one.seen.id == member) else {
            // Removed meanwhile.
            return Ok(());
        };
        let seen = reached.seen.clone();
        let mut line = Line::of(&seen, reached.etcd.endpoint().to_string());
        if !self.request.min_gain.is_reached(&seen) {
            line.outcome = Outcome::LittleToGain;
        } else if self.request.mode == Mode::DryRun {
            line.outcome = Outcome::WouldDefragment;
        } else {
            if seen.role == Role::Leader {
                self.hand_over(&members, reached, report).await?;
            }
            let begun = self.clock.now();
            self.defragment(reached, report).await?;
            line.took = Some(self.clock.now().saturating_duration_since(begun));
            let status = reached.etcd.status().await;
            line.size_after = status.ok().map(|status| status.db_size);
        }
        report.members.push(line);
        Ok(())
    }

    async fn defragment(&self, reached: &Reached, report: &Report) -> Result<()> {
        let member = || reached.seen.name.clone();
        let within = self.request.within;
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Error::Interrupted { done: report.boxed() }),
            done = reached.etcd.defragment() => done.map_err(|source| Error::Member {
                member: member(),
                source,
                done: report.boxed(),
            }),
            () = self.clock.sleep(within) => Err(Error::Late {
                member: member(),
                within,
                done: report.boxed(),
            }),
        }
    }

    /// Lets another member lead, where there is one, and waits until it does.
    async fn hand_over(
        &self,
        members: &[Reached],
        leader: &Reached,
        report: &mut Report,
    ) -> Result<()> {
        let seen: Vec<Seen> = members.iter().map(|one| one.seen.clone()).collect();
        let Some(next) = successor(&seen) else {
            return Ok(());
        };
        let stays = |why: String, report: &Report| Error::StillLeads {
            member: leader.seen.name.clone(),
            to: next.name.clone(),
            why,
            done: report.boxed(),
        };
        if let Err(error) = leader.etcd.move_leader(next.id).await {
            return Err(stays(error.to_string(), report));
        }
        let members = self.healthy(report).await?;
        match members.iter().find(|one| one.seen.role == Role::Leader) {
            Some(leads) if leads.seen.id != leader.seen.id => {
                report.leadership_moved_to = Some(leads.seen.name.clone());
                Ok(())
            }
            _ => Err(stays("it leads again".to_owned(), report)),
        }
    }

    /// All members, in order, once the cluster is healthy: one that was blocked has to catch up first.
    async fn healthy(&self, report: &Report) -> Result<Vec<Reached>> {
        let mut waited = Duration::ZERO;
        loop {
            if self.cancel.is_cancelled() {
                return Err(Error::Interrupted {
                    done: report.boxed(),
                });
            }
            match self.look().await? {
                Ok(members) => return Ok(members),
                Err(unhealthy) if waited >= SETTLES.0 => {
                    return Err(unhealthy_after(unhealthy, report));
                }
                Err(_) => {}
            }
            self.clock.sleep(SETTLES.1).await;
            waited += SETTLES.1;
        }
    }

    async fn look(&self) -> Result<Result<Vec<Reached>, Unhealthy>> {
        let mut reached = match look(self.etcd, &self.request.endpoints).await? {
            Ok(reached) => reached,
            Err(unhealthy) => return Ok(Err(unhealthy)),
        };
        let seen = reached.iter().map(|one| one.seen.clone()).collect();
        let ordered = match order(seen) {
            Ok(ordered) => ordered,
            Err(unhealthy) => return Ok(Err(unhealthy)),
        };
        let place = |one: &Reached| ordered.iter().position(|seen| seen.id == one.seen.id);
        reached.sort_by_key(place);
        Ok(Ok(reached))
    }
}

fn unhealthy_after(unhealthy: Unhealthy, report: &Report) -> Error {
    Error::Unhealthy {
        unhealthy,
        done: report.boxed(),
    }
}

impl Line {
    fn of(seen: &Seen, endpoint: String) -> Self {
        Self {
            member: seen.name.clone(),
            id: id(seen.id),
            endpoint,
            took: None,
            role: seen.role,
            size_before: seen.size,
            in_use_before: seen.in_use,
            size_after: None,
            outcome: Outcome::Defragmented,
        }
    }
}

impl Report {
    fn boxed(&self) -> Box<Self> {
        Box::new(self.clone())
    }
}
