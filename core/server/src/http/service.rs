use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, STRICT_TRANSPORT_SECURITY};
use http::{HeaderName, HeaderValue, Request, StatusCode};
use hyper::body::{Body as _, Incoming};
use tower::ServiceExt;

use super::answer::text;
use super::app::App;
use super::peer::Peer;
use super::routes::router;
use crate::settings::Limits;

/// Answers each request of each connection.
pub(crate) struct Service {
    router: Router,
    /// Of the body of a request.
    most_bytes: u64,
    is_secure: bool,
}

impl Service {
    pub(crate) fn new(app: Arc<App>) -> Self {
        Self {
            most_bytes: app.settings.limits.body_bytes,
            is_secure: app.settings.tls.is_some(),
            router: router(app),
        }
    }

    /// One with paths of its own, over plain HTTP.
    pub(crate) fn of(router: Router, limits: &Limits) -> Self {
        Self {
            router,
            most_bytes: limits.body_bytes,
            is_secure: false,
        }
    }

    pub(super) async fn answer(
        &self,
        peer: Peer,
        request: Request<Incoming>,
    ) -> Result<Response, Infallible> {
        let size = request.body().size_hint().upper();
        if size.is_none_or(|size| size > self.most_bytes) {
            let mut response = text(StatusCode::PAYLOAD_TOO_LARGE, "no request here has a body");
            let headers = response.headers_mut();
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
            return Ok(response);
        }
        let mut request = request.map(Body::new);
        let has_page = !["/config", "/metrics"].contains(&request.uri().path());
        request.extensions_mut().insert(peer);
        let mut response = self.router.clone().oneshot(request).await?;
        let headers = response.headers_mut();
        let mut say = |name: HeaderName, value| {
            // The page has a policy of its own, which is stricter.
            let entry = headers.entry(name);
            entry.or_insert(HeaderValue::from_static(value));
        };
        say(CACHE_CONTROL, "no-store");
        // As the reference has it.
        if self.is_secure && has_page {
            say(STRICT_TRANSPORT_SECURITY, "max-age=31536000");
            say(CONTENT_SECURITY_POLICY, "default-src 'self'");
        }
        Ok(response)
    }
}
