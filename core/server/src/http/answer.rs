use axum::body::Body;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde::Serialize;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// A body of text, as it is: no newline is added.
pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> Response {
    of(status, TEXT, text.into())
}

/// A body of JSON, without a newline at its end: etcd-druid compares one with `null`.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_string(value) {
        Ok(body) => raw_json(status, body),
        Err(error) => {
            let message = format!("the answer cannot be written as JSON: {error}");
            text(StatusCode::INTERNAL_SERVER_ERROR, message)
        }
    }
}

/// A body that is JSON already.
pub(super) fn raw_json(status: StatusCode, body: impl Into<Body>) -> Response {
    of(status, JSON, body)
}

/// A body of a kind of its own.
pub(super) fn of(status: StatusCode, kind: HeaderValue, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

/// No body.
pub(super) fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
