//! How Azure says no:
//! <https://learn.microsoft.com/en-us/rest/api/storageservices/blob-service-error-codes>.

use hyper::Response;
use serde::Serialize;

use super::reply::reply;
use super::shelf::Conflict;
use crate::loopback::Body;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Error<'a> {
    code: &'a str,
    message: &'a str,
}

pub(super) fn refuse(status: u16, code: &str, message: &str) -> Response<Body> {
    let body = quick_xml::se::to_string(&Error { code, message }).unwrap_or_default();
    let body = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{body}");
    let headers = [
        ("content-type", "application/xml".to_owned()),
        ("x-ms-error-code", code.to_owned()),
    ];
    reply(status, &headers, body)
}

pub(super) fn refuse_conflict(conflict: Conflict) -> Response<Body> {
    match conflict {
        Conflict::Missing => refuse(404, "BlobNotFound", "The specified blob does not exist."),
        // For `If-None-Match: *`, which is the condition that is set on a write.
        Conflict::Condition => refuse(
            409,
            "BlobAlreadyExists",
            "The specified blob already exists.",
        ),
        Conflict::Retained(_) => {
            let message =
                "This operation is not permitted as the blob is immutable due to a policy.";
            refuse(409, "BlobImmutableDueToPolicy", message)
        }
    }
}
