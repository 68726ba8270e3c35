use std::path::PathBuf;
use std::time::{Duration, Instant};

use client::{Etcd, Read};
use etcd::data_dir::DB;
use jiff::Timestamp;

use super::asked::{self, Asked};
use super::check::{Check, Outcome};
use super::error::{Error, Result};
use super::noted;
use super::report::Report;
use super::request::{Request, Running, Source, Starter};
use super::restored::{At, Facts};
use crate::error::Error as System;
use crate::hint::Hint;
use crate::restore;
use crate::session::Session;

/// What the etcds that are asked are called.
const STARTED: &str = "the etcd that was started on it";
const LIVE: &str = "the live cluster";

/// Between two questions whether an etcd serves.
const AGAIN: Duration = Duration::from_millis(100);

/// Restores, starts an etcd with `starter` if there is one, and compares; with `live` too, if that is given. What is wrong is
/// in the report. `now`: when it begins.
pub async fn drill(
    session: &Session,
    source: &Source,
    request: &Request,
    starter: Option<&dyn Starter>,
    live: Option<&dyn Etcd>,
    now: Timestamp,
) -> Result<Report> {
    let mut drill = Drill {
        session,
        request,
        report: Report::begun(now),
    };
    match drill.steps(source, starter, live).await {
        Ok(()) => Ok(drill.report.judged()),
        Err(Stopped::Failed(why, hints)) => Ok(drill.report.failed(why, hints)),
        Err(Stopped::Error(error)) => Err(error),
    }
}

struct Drill<'a> {
    session: &'a Session,
    request: &'a Request,
    report: Report,
}

/// Why a drill does not go on.
enum Stopped {
    /// It has found why.
    Failed(String, Vec<Hint>),
    Error(Error),
}

impl From<client::Error> for Stopped {
    fn from(error: client::Error) -> Self {
        Self::Failed(error.to_string(), Hint::of_etcd(&error))
    }
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

type Step<T = ()> = std::result::Result<T, Stopped>;

impl Drill<'_> {
    async fn steps(
        &mut self,
        source: &Source,
        starter: Option<&dyn Starter>,
        live: Option<&dyn Etcd>,
    ) -> Step {
        let begun = self.now();
        let restored = self.restored(source).await?;
        self.report.phases.restore_ms = Some(self.since(begun));
        let path = self.request.restore.data_dir.join(DB);
        let at = Place {
            path,
            revision: restored.revision,
            base_revision: restored.base_revision,
            seed: self.session.seed,
        };
        self.report.restored = Some(restored.clone());
        let begun = self.now();
        let facts = self.facts(&at).await?;
        self.report.keys = Some(facts.keys);
        let told = Check::of("HashKV", "the restore", facts.hash_kv, restored.hash_kv);
        self.report.checks.push(told);
        let noted = noted::compare(self.session, &restored, (at.as_ref(), &facts)).await;
        self.report.checks.extend(noted);
        self.report.phases.read_ms = Some(self.since(begun));
        if let Some(live) = live {
            let begun = self.now();
            let asked = Asked {
                etcd: live,
                whose: LIVE,
            };
            self.ask(asked, &at, &facts).await?;
            self.whose(asked, &restored).await?;
            self.report.phases.live_ms = Some(self.since(begun));
        }
        match starter {
            Some(starter) => self.start(starter, &at, &facts).await,
            None => Ok(()),
        }
    }

    async fn restored(&self, source: &Source) -> Step<restore::Report> {
        let (session, request) = (self.session, &self.request.restore);
        let restored = match source {
            Source::Chain => restore::restore(session, request).await,
            Source::File(file) => restore::restore_file(session, file, None, request).await,
        };
        restored.map_err(|error| match error {
            restore::Error::Interrupted => Error::Interrupted.into(),
            error => Stopped::Failed(error.to_string(), error.hints()),
        })
    }

    async fn facts(&self, at: &Place) -> Step<Facts> {
        let (at, sample) = (at.clone(), self.request.sample);
        self.natively(move || at.as_ref().facts(sample)).await
    }

    /// Reads the restored database on a thread that may wait.
    async fn natively<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> std::result::Result<T, etcd::Error> + Send + 'static,
    ) -> Step<T> {
        let reading = tokio::task::spawn_blocking(read);
        let read = self.unless_stopped(reading).await?;
        let read = read.map_err(|died| Error::from(System::Died(died.to_string())))?;
        read.map_err(|error| {
            let why = format!("what was restored cannot be read: {error}");
            Stopped::Failed(why, Vec::new())
        })
    }

    /// Compares all with what an etcd answers.
    async fn ask(&mut self, asked: Asked<'_>, at: &Place, facts: &Facts) -> Step {
        let answer = self
            .unless_stopped(asked::hash(asked, facts.revision))
            .await??;
        let theirs = match answer {
            Err(check) => {
                self.report.checks.push(check);
                return Ok(());
            }
            Ok(theirs) => theirs,
        };
        let compacted = theirs.compact_revision;
        let check = match compacted == facts.compact_revision {
            true => asked::of_hash(asked, &theirs, facts.hash_kv),
            false if compacted > facts.compact_revision => {
                let at = at.clone();
                let ours = self.natively(move || at.as_ref().hash_as_compacted(compacted));
                asked::of_hash(asked, &theirs, ours.await?)
            }
            false => Check::not_compared(
                "HashKV",
                asked.whose,
                "the backup is compacted further, and has no more what that hash is of",
            ),
        };
        self.report.checks.push(check);
        let keys = self.unless_stopped(asked::keys(asked, facts)).await??;
        self.report.checks.extend(keys);
        Ok(())
    }

    /// Where the keys cannot be compared, another cluster would pass for this one.
    async fn whose(&mut self, asked: Asked<'_>, restored: &restore::Report) -> Step {
        let is_left =
            |check: &Check| check.with == asked.whose && check.outcome == Outcome::NotCompared;
        if self.report.checks.iter().any(is_left)
            && let Some(noted) = noted::cluster(self.session, restored).await
        {
            let head = self.unless_stopped(asked.etcd.head(Read::Agreed)).await??;
            let check = Check::of("the cluster", asked.whose, noted, hex(head.cluster_id));
            self.report.checks.push(check);
        }
        Ok(())
    }

    async fn start(&mut self, starter: &dyn Starter, at: &Place, facts: &Facts) -> Step {
        let begun = self.now();
        let starting = starter.start(&self.request.restore.data_dir);
        let started = self.unless_stopped(starting).await?;
        let failed = |error: super::request::NotStarted| Stopped::Failed(error.why, error.hints);
        let mut running = started.map_err(failed)?;
        self.until_it_serves(&mut *running).await?;
        self.report.phases.start_ms = Some(self.since(begun));
        let begun = self.now();
        let etcd = running.etcd();
        let status = self.unless_stopped(etcd.status()).await??;
        self.report.etcd_version = Some(status.version);
        let asked = Asked {
            etcd: &*etcd,
            whose: STARTED,
        };
        // Its database is its own now: what it is compared with was read before.
        let compact = facts.compact_revision;
        self.ask(asked, at, facts).await?;
        let is_unsure =
            |check: &Check| check.with == STARTED && check.outcome == Outcome::NotCompared;
        if let Some(check) = self.report.checks.iter().find(|check| is_unsure(check)) {
            let compact = compact.map_or("nothing".to_owned(), |at| at.to_string());
            let why = check.note.clone().unwrap_or_default();
            let why = format!(
                "{STARTED} does not answer as a restore to it should ({compact} is compacted): {why}"
            );
            return Err(Stopped::Failed(why, Vec::new()));
        }
        self.report.phases.ask_ms = Some(self.since(begun));
        Ok(())
    }

    /// Waits for the answer to a read that all members agree on: with users checked, that nobody may read without a name is
    /// one.
    async fn until_it_serves(&self, running: &mut dyn Running) -> Step {
        let clock = &*self.session.clock;
        let begun = clock.now();
        loop {
            if let Some(why) = self.unless_stopped(running.ended()).await? {
                let why = format!("etcd does not start on what was restored: {why}");
                return Err(Stopped::Failed(why, vec![Hint::EtcdOfBackup]));
            }
            let etcd = running.etcd();
            let answer = self.unless_stopped(etcd.head(Read::Agreed)).await?;
            let error = match answer {
                Ok(_) => return Ok(()),
                Err(error) if !Hint::of_etcd(&error).is_empty() => return Err(error.into()),
                Err(error) => error,
            };
            if clock.now().duration_since(begun) > self.request.start {
                let waited = self.request.start;
                let why =
                    format!("etcd does not serve what was restored within {waited:?}: {error}");
                return Err(Stopped::Failed(why, Vec::new()));
            }
            self.unless_stopped(clock.sleep(AGAIN)).await?;
        }
    }

    async fn unless_stopped<T>(&self, step: impl Future<Output = T>) -> Step<T> {
        let done = self.session.cancel.run_until_cancelled(step).await;
        done.ok_or(Stopped::Error(Error::Interrupted))
    }

    fn now(&self) -> Instant {
        self.session.clock.now()
    }

    fn since(&self, begun: Instant) -> u64 {
        let took = self.now().duration_since(begun);
        u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
    }
}

/// The id of a cluster, as metadata has it.
fn hex(cluster_id: u64) -> String {
    format!("{cluster_id:x}")
}

/// Where the restored database is, for threads.
#[derive(Debug, Clone)]
struct Place {
    path: PathBuf,
    revision: i64,
    base_revision: i64,
    seed: u64,
}

impl Place {
    fn as_ref(&self) -> At<'_> {
        At {
            path: &self.path,
            revision: self.revision,
            base_revision: self.base_revision,
            seed: self.seed,
        }
    }
}
