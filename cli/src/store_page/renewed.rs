use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engine::backups::{EmptyStore, missing_keys, read_holdings};
use engine::session::Session;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use page::drill::Drill;
use page::{Command, Fault, Listing, Store};
use server::{StoreLook, WallClock};
use snapstore::clock::Clock;
use snapstore::{Location, printable};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::command::command;
use super::drill_report::drilled;
use super::listed::listing;
use super::unchanged::{Contents, Unchanged};
use crate::args::StoreArgs;
use crate::hints;

/// A listing that has not ended after this long is told as one that fails.
const WITHIN: SignedDuration = SignedDuration::from_secs(60);

/// For how long a report of a drill is waited for.
const READ_WITHIN: Duration = Duration::from_secs(5);

/// Opens the store, or has it open.
pub(crate) type Opening =
    Box<dyn Fn() -> BoxFuture<'static, Result<Session, String>> + Send + Sync>;

/// Hears what the store held when it was listed.
pub(crate) type Tells = Box<dyn Fn(&Arc<Listing>) + Send + Sync>;

/// A store that is listed while somebody looks, not more often than it is said to be.
pub(crate) struct Renewed {
    opening: Opening,
    /// The flags that name it.
    store: StoreArgs,
    every: Duration,
    clock: Arc<dyn Clock>,
    now: WallClock,
    state: Mutex<State>,
    contents: Arc<Contents>,
    looked: Notify,
    /// Who hears of each listing, beside those who look.
    tells: Option<Tells>,
    /// Where drills leave their report, if that is told.
    report: Option<PathBuf>,
}

/// What is known of it.
#[derive(Default)]
struct State {
    /// Where it is, and how a state is restored from there, once it was opened.
    opened: Option<(String, Command)>,
    listing: Option<Arc<Listing>>,
    fault: Option<Fault>,
    drill: Drill,
    /// When the listing began that has not ended yet.
    begun: Option<Timestamp>,
}

impl StoreLook for Renewed {
    fn look(&self) -> Store {
        self.looked.notify_one();
        let now = (self.now)();
        self.with(|state| {
            let opened = state.opened.clone();
            let (location, command) =
                opened.unwrap_or_else(|| (named(&self.store), command(&self.store)));
            Store {
                location,
                every: self.every,
                listing: state.listing.clone(),
                drill: state.drill.clone(),
                fault: state.fault.clone().or_else(|| overdue(state.begun?, now)),
                command,
            }
        })
    }
}

/// What a store is called as long as it was not opened.
fn named(store: &StoreArgs) -> String {
    let (provider, container) = (&store.storage_provider, &store.store_container);
    [provider, container, &store.store_prefix]
        .map(|part| printable(part))
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("/")
}

/// The store by a name that means the same wherever a command is pasted.
fn of_anywhere(store: &StoreArgs, location: &Location) -> StoreArgs {
    match location.scheme {
        "file" => StoreArgs {
            store_prefix: location.prefix.clone(),
            ..store.clone().of_directory(&location.bucket)
        },
        _ => store.clone(),
    }
}

/// A mount that is dead never answers, and never says so.
fn overdue(begun: Timestamp, now: Timestamp) -> Option<Fault> {
    (now.duration_since(begun) > WITHIN).then(|| Fault {
        since: begun,
        why: "it was asked for its objects then, and has not answered yet".to_owned(),
    })
}

impl Renewed {
    /// Of the store that the flags name, of which nothing is known yet.
    pub(crate) fn of(
        store: &StoreArgs,
        every: Duration,
        opening: Opening,
        (clock, now): (Arc<dyn Clock>, WallClock),
    ) -> Self {
        Self {
            opening,
            store: store.clone(),
            every,
            clock,
            now,
            state: Mutex::default(),
            contents: Arc::default(),
            looked: Notify::new(),
            tells: None,
            report: None,
        }
    }

    /// The same, with what the last drill has left in this file.
    pub(crate) fn with_report(self, report: Option<PathBuf>) -> Self {
        Self { report, ..self }
    }

    /// The same, where somebody hears of each listing.
    pub(crate) fn telling(self, tells: Tells) -> Self {
        Self {
            tells: Some(tells),
            ..self
        }
    }

    /// Lists the store when somebody has looked, until `stop`.
    pub(crate) async fn run(&self, stop: CancellationToken) {
        let forever = async {
            loop {
                self.looked.notified().await;
                if let Err(why) = self.once().await {
                    tracing::debug!("the store cannot be listed for the status page: {why}");
                }
                self.clock.sleep(self.every).await;
            }
        };
        stop.run_until_cancelled(forever).await;
    }

    /// Lists it now.
    ///
    /// Errors: one sentence for people, which the page shows too.
    pub(crate) async fn once(&self) -> Result<(), String> {
        let at = (self.now)();
        self.with(|state| state.begun = Some(at));
        self.read_report().await;
        let read = self.read(at).await.map(Arc::new);
        if let (Some(tells), Ok(listing)) = (&self.tells, &read) {
            tells(listing);
        }
        self.with(|state| {
            state.begun = None;
            match read {
                Ok(listing) => {
                    state.listing = Some(listing);
                    state.fault = None;
                    Ok(())
                }
                Err(why) => {
                    let since = state.fault.as_ref().map_or(at, |fault| fault.since);
                    state.fault = Some(Fault {
                        since,
                        why: printable(&why),
                    });
                    Err(why)
                }
            }
        })
    }

    async fn read_report(&self) {
        let Some(report) = self.report.clone() else {
            return;
        };
        let shown = printable(&report.display().to_string());
        // A file may be on a volume that does not answer.
        let reading = tokio::task::spawn_blocking(move || drilled(&report));
        let drill = tokio::select! {
            drill = reading => drill.unwrap_or_default(),
            () = self.clock.sleep(READ_WITHIN) => {
                Drill::Unreadable(format!("{shown}: no answer within {READ_WITHIN:?}"))
            }
        };
        self.with(|state| state.drill = drill);
    }

    async fn read(&self, at: Timestamp) -> Result<Listing, String> {
        let session = (self.opening)().await?;
        let location = session.store.location();
        let opened = (
            location.to_string(),
            command(&of_anywhere(&self.store, location)),
        );
        self.with(|state| state.opened = Some(opened));
        self.contents.begin();
        let store = Unchanged::new(session.store.clone(), self.contents.clone());
        let session = Session {
            store: Arc::new(store),
            ..session
        };
        let holdings = read_holdings(&session).await;
        let mut holdings = holdings.map_err(|error| error.to_string())?;
        let missing = missing_keys(&session, &holdings).await;
        holdings.missing_keys = Some(missing.map_err(|error| error.to_string())?);
        if !holdings.listed.snapshots.is_empty() {
            return Ok(listing(&holdings, at, None));
        }
        let empty = EmptyStore::look(&session, &holdings.listed).await;
        let empty = empty.map_err(|error| error.to_string())?;
        let told = hints::after_sentences(&empty.to_string(), &empty.hints());
        match empty.is_missing {
            true => Err(told),
            false => Ok(listing(&holdings, at, Some(told))),
        }
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
