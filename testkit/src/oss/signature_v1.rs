//! The header signature of version 1 ("Include a V1 signature in the Authorization header", OSS API
//! reference): HMAC-SHA1 over a few headers and the resource.

use std::time::SystemTime;

use aws_lc_rs::hmac;

use super::asked::Asked;
use super::refusal::Refusal;

/// Parameters of the query that belong to the resource; others are not signed.
const SUBRESOURCES: [&str; 44] = [
    "acl",
    "append",
    "asyncFetch",
    "bucketInfo",
    "callback",
    "callback-var",
    "cname",
    "comp",
    "continuation-token",
    "cors",
    "delete",
    "encryption",
    "endTime",
    "group",
    "inventory",
    "inventoryId",
    "lifecycle",
    "link",
    "live",
    "location",
    "logging",
    "objectMeta",
    "partNumber",
    "policy",
    "position",
    "qos",
    "referer",
    "replication",
    "requestPayment",
    "restore",
    "security-token",
    "sequential",
    "startTime",
    "stat",
    "status",
    "symlink",
    "tagging",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "vod",
    "website",
];

/// And these, by how they begin.
const FAMILIES: [&str; 3] = ["response-", "worm", "x-oss-"];

/// What the client says the time is.
pub(super) fn date(asked: &Asked) -> Result<SystemTime, Refusal> {
    let date = asked.header("x-oss-date").or(asked.header("date"));
    let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
    date.ok_or_else(|| {
        let message = "OSS authentication requires a valid Date.";
        Refusal::new(403, "AccessDenied", message)
    })
}

pub(super) fn verify(asked: &Asked, secret: &str, signature: &str) -> Result<(), Refusal> {
    let signed = string_to_sign(asked);
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    let signature = base64_simd::STANDARD.decode_to_vec(signature);
    let verified =
        signature.is_ok_and(|signature| hmac::verify(&key, signed.as_bytes(), &signature).is_ok());
    if verified {
        Ok(())
    } else {
        Err(Refusal::signature(signed))
    }
}

fn string_to_sign(asked: &Asked) -> String {
    let header = |name| asked.header(name).unwrap_or_default();
    let date = asked.header("x-oss-date").unwrap_or_else(|| header("date"));
    let mut signed = format!(
        "{}\n{}\n{}\n{date}\n",
        asked.method,
        header("content-md5"),
        header("content-type"),
    );
    for (name, value) in oss_headers(asked) {
        signed += &format!("{name}:{value}\n");
    }
    signed + &resource(asked)
}

/// The headers of OSS's own, sorted.
pub(super) fn oss_headers(asked: &Asked) -> Vec<(&str, String)> {
    let headers = asked.headers.iter().map(|(name, value)| {
        // Metadata may be any text; the client signs the bytes that it sends.
        let value = String::from_utf8_lossy(value.as_bytes()).trim().to_owned();
        (name.as_str(), value)
    });
    let mut headers: Vec<_> = headers
        .filter(|(name, _)| name.starts_with("x-oss-"))
        .collect();
    headers.sort();
    headers
}

fn resource(asked: &Asked) -> String {
    let mut signed: Vec<_> = asked
        .query
        .iter()
        .filter(|(name, _)| is_subresource(name))
        .map(|(name, value)| match value.as_str() {
            "" => name.clone(),
            value => format!("{name}={value}"),
        })
        .collect();
    signed.sort();
    let query = if signed.is_empty() { "" } else { "?" };
    let path = match asked.bucket.as_str() {
        "" => "/".to_owned(),
        bucket => format!("/{bucket}/{}", asked.key),
    };
    format!("{path}{query}{}", signed.join("&"))
}

fn is_subresource(name: &str) -> bool {
    SUBRESOURCES.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
}
