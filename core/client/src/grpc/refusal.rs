//! What a failed call means.

use std::time::Duration;

use snapstore::printable;
use tonic::{Code, ConnectError, Status, TimeoutExpired};

use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind};
use trust::causes;

/// etcd's own words (`api/v3rpc/rpctypes/error.go`, 3.4 to 3.7), for those that a caller acts on. The codes
/// beside them are no help: they changed, or stand for many things.
const WORDS: [(&str, ErrorKind); 19] = [
    ("required revision has been compacted", ErrorKind::Compacted),
    ("required revision is a future revision", ErrorKind::Future),
    ("database space exceeded", ErrorKind::NoSpace),
    ("invalid auth token", ErrorKind::Unauthenticated),
    ("revision of auth store is old", ErrorKind::Unauthenticated),
    ("invalid user ID or password", ErrorKind::Unauthenticated),
    ("user name is empty", ErrorKind::Unauthenticated),
    ("permission denied", ErrorKind::PermissionDenied),
    ("rpc not supported for learner", ErrorKind::Learner),
    ("not leader", ErrorKind::NotLeader),
    ("no leader", ErrorKind::NoLeader),
    ("requested lease not found", ErrorKind::NotFound),
    ("member not found", ErrorKind::NotFound),
    ("message length too large", ErrorKind::TooLarge),
    ("message larger than max", ErrorKind::TooLarge),
    ("request is too large", ErrorKind::TooLarge),
    ("too many operations in txn request", ErrorKind::TooLarge),
    ("is not capable", ErrorKind::Unimplemented),
    (
        "not supported by the cluster version",
        ErrorKind::Unimplemented,
    ),
];

/// The kind that etcd's words name, if they do. What a watch is canceled for has no code at all.
pub(super) fn by_words(words: &str) -> Option<ErrorKind> {
    let known = WORDS.iter().find(|(known, _)| words.contains(known));
    known.map(|(_, kind)| *kind)
}

/// What `status` means, of `operation` at `endpoint`.
pub(super) fn refusal(operation: &'static str, endpoint: &Endpoint, status: Status) -> Error {
    if let Some(connect) = not_connected(operation, endpoint, &status) {
        return connect;
    }
    let message = status.message();
    let kind = by_words(message).unwrap_or_else(|| by_code(&status));
    let (mut shown, mut cause) = (printable(message), format!("{:?}", status.code()));
    if message.is_empty() {
        shown = status.code().description().to_owned();
    } else if is_unknown_call(message) {
        cause = format!("{cause}: {shown}");
        shown = NOT_KNOWN.to_owned();
    }
    let cause = Cause(printable(&cause));
    Error::new(kind, operation, shown)
        .at(endpoint)
        .with_source(cause)
}

/// No answer came in time.
pub(super) fn late(operation: &'static str, endpoint: &Endpoint, waited: Duration) -> Error {
    let message = format!("no answer within {} s", waited.as_secs_f64());
    Error::new(ErrorKind::Unavailable, operation, message).at(endpoint)
}

/// An answer that is not understood.
pub(super) fn strange(
    operation: &'static str,
    endpoint: &Endpoint,
    why: impl Into<String>,
) -> Error {
    Error::new(ErrorKind::Protocol, operation, why).at(endpoint)
}

/// The code of a status. The status itself may hold headers, and those a token.
#[derive(Debug, thiserror::Error)]
#[error("gRPC status {0}")]
struct Cause(String);

/// What is said of a server that does not know what it is asked, in place of its words: they name the call as the protocol
/// does ("unknown method HashKV for service etcdserverpb.Maintenance"), and the error says already what was asked.
const NOT_KNOWN: &str =
    "the server does not know this request: another version of etcd, or no etcd at all";

/// Whether a server of gRPC says that it has no such call (grpc-go, `handleStream` of server.go, all versions).
fn is_unknown_call(message: &str) -> bool {
    message.starts_with("unknown service ") || message.starts_with("unknown method ")
}

/// How tonic says that the answer was one of HTTP and none of gRPC. It gives a code to it all the same: 404
/// becomes `Unimplemented`, and a proxy's page an old version of etcd.
const NO_GRPC: &str = "grpc-status header missing";

/// How it says that an answer has no end: a reset in between looks so.
const NO_END: &str = "missing grpc-status trailer";

fn by_code(status: &Status) -> ErrorKind {
    if is_broken(status) {
        return ErrorKind::Unavailable;
    }
    if status.message().contains(NO_GRPC) && status.code() != Code::Unavailable {
        return ErrorKind::Protocol;
    }
    match status.code() {
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled | Code::Aborted => {
            ErrorKind::Unavailable
        }
        Code::Unauthenticated => ErrorKind::Unauthenticated,
        Code::PermissionDenied => ErrorKind::PermissionDenied,
        Code::Unimplemented => ErrorKind::Unimplemented,
        Code::NotFound => ErrorKind::NotFound,
        Code::InvalidArgument
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::ResourceExhausted
        | Code::AlreadyExists
        | Code::DataLoss
        | Code::Unknown => ErrorKind::Refused,
        Code::Ok | Code::Internal => ErrorKind::Protocol,
    }
}

/// Whether the connection broke or was closed, whatever code tonic gives to that: it depends on tonic's
/// features, which other crates may switch on.
fn is_broken(status: &Status) -> bool {
    let transport = causes(status).any(|cause| {
        cause.is::<hyper::Error>() || cause.is::<std::io::Error>() || cause.is::<TimeoutExpired>()
    });
    transport || status.message().contains(NO_END)
}

/// The connection did not come about: why, as we found it, or as the network says it.
fn not_connected(operation: &'static str, endpoint: &Endpoint, status: &Status) -> Option<Error> {
    if let Some(ours) = causes(status).find_map(|cause| cause.downcast_ref::<Error>()) {
        let message = ours.message();
        let error = Error::new(ours.kind(), operation, message).at(endpoint);
        return Some(match ours.tls() {
            Some(fault) => error.with_tls(fault),
            None => error,
        });
    }
    let connect = causes(status).find(|cause| cause.is::<ConnectError>())?;
    let message = crate::tls::words(connect);
    Some(Error::new(ErrorKind::Unreachable, operation, message).at(endpoint))
}
