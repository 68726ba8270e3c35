//! How Google says no: <https://cloud.google.com/storage/docs/json_api/v1/status-codes>.

use std::time::SystemTime;

use hyper::Response;
use serde_json::json;

use super::gcs_call::stamp;
use super::reply::reply;
use super::shelf::Conflict;
use crate::loopback::Body;

pub(super) fn refuse(status: u16, reason: &str, message: &str) -> Response<Body> {
    let body = json!({"error": {
        "code": status,
        "message": message,
        "errors": [{"message": message, "domain": "global", "reason": reason}],
    }});
    let json = ("content-type", "application/json; charset=UTF-8".to_owned());
    reply(status, &[json], body.to_string())
}

pub(super) fn refuse_conflict(conflict: Conflict, bucket: &str, name: &str) -> Response<Body> {
    match conflict {
        Conflict::Missing => {
            let message = format!("No such object: {bucket}/{name}");
            refuse(404, "notFound", &message)
        }
        Conflict::Condition => {
            let message = "At least one of the pre-conditions you specified did not hold.";
            refuse(412, "conditionNotMet", message)
        }
        Conflict::Retained(until) => retained(bucket, name, Some(until)),
    }
}

/// Under a policy. Google names the time when it knows it for one object.
pub(super) fn retained(bucket: &str, name: &str, until: Option<SystemTime>) -> Response<Body> {
    let until = until.map_or(String::new(), |until| format!(" until {}", stamp(until)));
    let message = format!(
        "Object '{bucket}/{name}' is subject to bucket's retention policy or object retention and \
         cannot be deleted or overwritten{until}"
    );
    refuse(403, "retentionPolicyNotMet", &message)
}
