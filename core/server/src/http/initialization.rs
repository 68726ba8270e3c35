use std::sync::{Arc, Once};

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode, Uri};

use super::access::may_initialize;
use super::answer::{empty, text};
use super::app::App;
use super::peer::Peer;
use super::query::value;
use crate::ports::Mode;

/// etcd-wrapper may send the same each time: it is told once.
static INERT: Once = Once::new();

/// Always answers at once, whether or not anything begins: whoever asks reads the word next.
pub(super) async fn start(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    if let Err(refused) = may_initialize(app.settings.initialization_from, &peer, &headers) {
        return text(refused.status, refused.why);
    }
    if value(uri.query(), "failbelowrevision").is_some() {
        INERT.call_once(|| {
            tracing::warn!("failbelowrevision says nothing any more: it is not looked at")
        });
    }
    app.initialization.start(mode(uri.query()));
    empty(StatusCode::OK)
}

pub(super) async fn status(
    State(app): State<Arc<App>>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = may_initialize(app.settings.initialization_from, &peer, &headers) {
        return text(refused.status, refused.why);
    }
    text(StatusCode::OK, app.initialization.read().as_str())
}

/// What is no mode is the thorough one. `failbelowrevision`, which etcdbrctl 0.41 took, says nothing any more.
fn mode(query: Option<&str>) -> Mode {
    match value(query, "mode").as_deref() {
        Some("sanity") => Mode::Sanity,
        _ => Mode::Full,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_one_word_makes_it_short() {
        assert_eq!(mode(Some("mode=sanity&failbelowrevision=7")), Mode::Sanity);
        for query in [
            None,
            Some(""),
            Some("mode="),
            Some("mode=full"),
            Some("mode=Sanity"),
            Some("mode=full&mode=sanity"),
            Some("Mode=sanity"),
        ] {
            assert_eq!(mode(query), Mode::Full, "{query:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_asked_is_no_less_thorough(query: String) {
            prop_assert!(mode(Some(&query)) == Mode::Full || query.contains("mode"));
        }
    }
}
