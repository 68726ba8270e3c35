use hyper::{Method, Response};
use serde::{Deserialize, Serialize};

use super::asked::Asked;
use super::bucket::{Bucket, Versioning};
use super::refusal::Refusal;
use super::reply::empty;
use super::xml;
use crate::loopback::Body;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VersioningConfiguration {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    status: Option<Versioning>,
}

/// All that is asked with `?versioning`.
pub(super) fn answer(
    asked: &Asked,
    bucket: &mut Bucket,
    body: &[u8],
) -> Result<Response<Body>, Refusal> {
    match asked.method {
        Method::GET => Ok(xml::reply(&VersioningConfiguration {
            status: bucket.versioning,
        })),
        Method::PUT => {
            let wanted: VersioningConfiguration = xml::parse(body)?;
            bucket.versioning = wanted.status.or(bucket.versioning);
            Ok(empty(200))
        }
        _ => Err(Refusal::not_implemented("this method on the versioning")),
    }
}
