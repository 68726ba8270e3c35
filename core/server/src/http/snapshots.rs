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
use crate::ports::Ending;
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
    let mut last = "no etcd is known to lead".to_owned();
    loop {
        let leader = match known(app.ports.role.clone(), clock, until).await {
            Known::Here => return here(triggers, call).await,
            Known::Nobody => return nobody(last),
            Known::At(_) if asked.is_delegated => {
                return nobody(
                    "this sidecar does not lead, and was asked by another one".to_owned(),
                );
            }
            Known::At(leader) => leader,
        };
        last = match delegate::ask(app, &leader, call, asked.method.clone()).await {
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
            return nobody(last);
        }
        pause(app.ports.role.clone(), clock, PAUSE).await;
    }
}

/// As the reference, which has this status for everything that keeps a request from the one that leads.
fn nobody(why: String) -> Response {
    tracing::warn!("a request for snapshots is refused: {why}");
    text(StatusCode::METHOD_NOT_ALLOWED, why)
}

async fn here(triggers: &Triggers, call: Call) -> Response {
    match call {
        Call::Full(ending) => taken(triggers.full(ending).await),
        Call::Delta => taken(triggers.delta().await),
        Call::Latest => match triggers.snapshots().latest().await {
            Ok(latest) => json(StatusCode::OK, &latest),
            Err(why) => failed(&why),
        },
    }
}

fn taken(outcome: Outcome) -> Response {
    match outcome {
        Ok(taken) => json(StatusCode::OK, &taken.snapshot),
        Err(why) => failed(&why),
    }
}

fn failed(why: &str) -> Response {
    let why = snapstore::printable(why);
    tracing::warn!("what was asked for was not done: {why}");
    text(StatusCode::INTERNAL_SERVER_ERROR, why)
}
