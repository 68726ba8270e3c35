//! The status page: what is known, as the page wants it told. It is made of what is known already: no request reaches a store.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, StatusCode, Uri};
use page::{Initialization, Known, Role, Sidecar, View, Window, Word};

use super::answer::{of, text};
use super::app::App;
use super::observed::Observed;
use crate::initialization;
use crate::ports::{self, EtcdHealth, StatusPage};

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

pub(super) async fn page(State(app): State<Arc<App>>, uri: Uri) -> Response {
    let Some(page) = &app.ports.page else {
        return text(StatusCode::NOT_FOUND, "the status page is turned off");
    };
    let known = Known {
        now: (app.ports.now)(),
        version: app.settings.version.clone(),
        store: page.store.as_ref().map(|store| store.look()),
        sidecar: Some(sidecar(Observed::now(&app), page)),
    };
    shown(&known, &uri)
}

/// The page as an answer, for a browser that runs nothing but what is its own.
pub(crate) fn shown(known: &Known, uri: &Uri) -> Response {
    let view = View::of(known, Window::asked(uri.query()));
    let mut response = of(StatusCode::OK, HTML, page::document(&view));
    let headers = response.headers_mut();
    let policy = HeaderValue::from_static(page::policy());
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn sidecar(observed: Observed, page: &StatusPage) -> Sidecar {
    let initialization = observed.initialization;
    Sidecar {
        role: match observed.role {
            ports::Role::Unknown => Role::Unknown,
            ports::Role::Leader => Role::Leader,
            ports::Role::Follower { leader } => Role::Follower {
                leader: snapstore::printable(&leader),
            },
        },
        etcd: match observed.etcd {
            EtcdHealth::Unknown => None,
            EtcdHealth::Answers => Some(Ok(())),
            EtcdHealth::Silent { why } => Some(Err(snapstore::printable(&why))),
        },
        initialization: Initialization {
            state: match initialization.state {
                initialization::Word::New => Word::New,
                initialization::Word::Progress => Word::Progress,
                initialization::Word::Successful => Word::Successful,
                initialization::Word::Failed => Word::Failed,
            },
            since: initialization.since,
            last_error: initialization
                .last_error
                .filter(|_| initialization.failures > 0)
                .map(|why| snapstore::printable(&why)),
        },
        backups: observed.backups.shown(),
        member: page.member.borrow().clone(),
        members: (page.members)(),
        work: (page.work)(),
        delta_period: page.delta_period,
    }
}
