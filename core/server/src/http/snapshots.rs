use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, Method, StatusCode, Uri};

use super::access::may_trigger;
use super::answer::{json, text};
use super::app::App;
use super::delegate::{self, DELEGATED, NoAnswer};
use super::leader::{Known, known, pause};
use super::peer::Peer;
use super::query::{boolean, value};
use super::relayed::Call;
use crate::ports::{Ending, EtcdHealth, Role};
use crate::trigger::{Outcome, Triggers};

/// Between two calls of a leader that cannot be reached, unless another one leads by then.
const PAUSE: Duration = Duration::from_secs(1);

/// How often a full is asked for that ended with the connection.
const BROKEN_CALLS: u32 = 3;

/// A request, as far as it matters who leads.
struct Asked {
    method: Method,
    /// By another sidecar, which waits and looks for the leader itself.
    is_delegated: bool,
}

impl Asked {
    fn of(method: Method, headers: &HeaderMap) -> Self {
        let is_delegated = headers.contains_key(DELEGATED);
        Self {
            method,
            is_delegated,
        }
    }
}

pub(super) async fn full(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    method: Method,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    if let Err(refused) = may_trigger(&app.settings.triggers, &peer, &headers).await {
        return text(refused.status, refused.why);
    }
    let ending = match value(uri.query(), "final").as_deref().map(boolean) {
        None | Some(Some(false)) => Ending::Ordinary,
        Some(Some(true)) => Ending::Final,
        Some(None) => return text(StatusCode::BAD_REQUEST, "final is neither true nor false"),
    };
    tracing::info!(peer = %peer.address, ?ending, "a full is asked for");
    answer(&app, Call::Full(ending), Asked::of(method, &headers)).await
}

pub(super) async fn delta(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = may_trigger(&app.settings.triggers, &peer, &headers).await {
        return text(refused.status, refused.why);
    }
    tracing::info!(peer = %peer.address, "a delta is asked for");
    answer(&app, Call::Delta, Asked::of(method, &headers)).await
}

pub(super) async fn latest(
    State(app): State<Arc<App>>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    answer(&app, Call::Latest, Asked::of(method, &headers)).await
}

/// By this sidecar if it leads, else by the one that does.
async fn answer(app: &Arc<App>, call: Call, asked: Asked) -> Response {
    let Some(triggers) = &app.triggers else {
        return nobody("no store is configured".to_owned());
    };
    let (clock, longest) = (&app.ports.clock, app.settings.limits.wait_for_leader);
    let mut until = clock.now() + longest;
    let mut broken = 0;
    let mut last = None;
    loop {
        let role = app.ports.role.clone();
        let leads = app
            .stopping
            .run_until_cancelled(known(role, clock, until))
            .await;
        let answered = match leads {
            None => return nobody("the server stops".to_owned()),
            Some(Known::Nobody) => return nobody(last.unwrap_or_else(|| unknown(app))),
            Some(Known::Here) => here(app, triggers, call).await,
            Some(Known::At(_)) if asked.is_delegated => {
                let why = "this sidecar does not lead, and was asked by another one";
                return nobody(why.to_owned());
            }
            Some(Known::At(leader)) => {
                delegate::ask(app, &leader, call, asked.method.clone()).await
            }
        };
        let why = match answered {
            Ok(answer) => return answer,
            Err(NoAnswer::Never(why)) => return nobody(why),
            Err(NoAnswer::NotYet(why)) => why,
            Err(NoAnswer::Broken(why)) => {
                broken += 1;
                if broken == BROKEN_CALLS {
                    return nobody(why);
                }
                // It may have run for long before.
                until = clock.now() + longest;
                why
            }
        };
        if until <= clock.now() {
            return nobody(why);
        }
        last = Some(why);
        pause(app.ports.role.clone(), clock, PAUSE).await;
    }
}

/// Why nobody is known to lead, as far as that is known.
fn unknown(app: &App) -> String {
    let nobody = "no etcd is known to lead";
    match &*app.ports.etcd.borrow() {
        EtcdHealth::Silent { why } => {
            let why = snapstore::printable(why);
            format!("{nobody}: etcd does not answer: {why}")
        }
        EtcdHealth::Unknown | EtcdHealth::Answers => nobody.to_owned(),
    }
}

/// As the reference, which has this status for everything that keeps a request from the one that leads.
fn nobody(why: String) -> Response {
    tracing::warn!("a request for snapshots is refused: {why}");
    text(StatusCode::METHOD_NOT_ALLOWED, why)
}

/// What failed as this sidecar ceased to lead is no answer: another one leads.
async fn here(app: &App, triggers: &Triggers, call: Call) -> Result<Response, NoAnswer> {
    let answered = match call {
        Call::Full(ending) => taken(triggers.full(ending).await),
        Call::Delta => taken(triggers.delta().await),
        Call::Latest => {
            let latest = triggers.snapshots().latest().await;
            latest.map(|latest| json(StatusCode::OK, &latest))
        }
    };
    match answered {
        Ok(answer) => Ok(answer),
        Err(why) if *app.ports.role.borrow() == Role::Leader => Ok(failed(&why)),
        Err(why) => Err(NoAnswer::Broken(snapstore::printable(&why))),
    }
}

fn taken(outcome: Outcome) -> Result<Response, String> {
    match outcome {
        Ok(taken) => Ok(json(StatusCode::OK, &taken.snapshot)),
        Err(why) => Err(why.to_string()),
    }
}

fn failed(why: &str) -> Response {
    let why = snapstore::printable(why);
    tracing::warn!("what was asked for was not done: {why}");
    text(StatusCode::INTERNAL_SERVER_ERROR, why)
}
