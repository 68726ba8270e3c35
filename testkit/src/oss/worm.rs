//! Retention ("Retention policies", OSS user guide): a policy of a bucket, under which no object may
//! be deleted or overwritten until so many days after it was written.

use hyper::{Method, Response};
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::bucket::Bucket;
use super::refusal::Refusal;
use super::reply::{empty, set};
use super::retention::{State, Worm};
use super::time::stamp;
use super::xml;
use crate::loopback::Body;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct WormConfiguration {
    worm_id: String,
    state: &'static str,
    retention_period_in_days: u32,
    creation_date: String,
}

/// What is sent with a new policy and with a longer one.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Period {
    retention_period_in_days: u32,
}

/// All that is asked with `?worm` or `?wormId=`.
pub(super) fn answer(
    asked: &Asked,
    bucket: &mut Bucket,
    body: &[u8],
) -> Result<Response<Body>, Refusal> {
    let none = || {
        let message = "The worm configuration does not exist.";
        Refusal::new(404, "NoSuchWORMConfiguration", message)
    };
    if asked.method == Method::POST && asked.parameter("worm").is_some() {
        if bucket.worm.as_ref().is_some_and(|worm| !worm.has_lapsed()) {
            let message = "The worm configuration already exists.";
            return Err(Refusal::new(409, "WORMConfigurationExists", message));
        }
        let period: Period = xml::parse(body)?;
        let worm = Worm::begin(period.retention_period_in_days);
        let mut reply = empty(200);
        set(&mut reply, "x-oss-worm-id", &worm.id);
        bucket.worm = Some(worm);
        return Ok(reply);
    }
    let worm = bucket.worm.as_mut().ok_or_else(none)?;
    match asked.method {
        Method::GET => Ok(xml::reply(&WormConfiguration {
            worm_id: worm.id.clone(),
            state: worm.state(),
            retention_period_in_days: worm.days,
            creation_date: stamp(worm.created),
        })),
        Method::POST => {
            if asked.parameter("wormId") != Some(&worm.id) {
                return Err(none());
            }
            if asked.parameter("wormExtend").is_some() {
                let period: Period = xml::parse(body)?;
                if worm.state != State::Locked || period.retention_period_in_days < worm.days {
                    return Err(Refusal::argument(
                        "the policy cannot be changed so".to_owned(),
                    ));
                }
                worm.days = period.retention_period_in_days;
            } else {
                worm.state = State::Locked;
            }
            Ok(empty(200))
        }
        Method::DELETE if worm.state == State::InProgress => {
            bucket.worm = None;
            Ok(empty(204))
        }
        Method::DELETE => {
            let message = "The worm configuration is locked.";
            Err(Refusal::new(409, "WORMConfigurationLocked", message))
        }
        _ => Err(Refusal::not_implemented(
            "this method on a worm configuration",
        )),
    }
}
