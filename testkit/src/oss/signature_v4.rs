//! The header signature of version 4 ("Include a V4 signature in the Authorization header", OSS API
//! reference): HMAC-SHA256 over the whole request but its body, with a key for one day and region.

use std::time::SystemTime;

use aws_lc_rs::{digest, hmac};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::asked::Asked;
use super::refusal::Refusal;

const ALGORITHM: &str = "OSS4-HMAC-SHA256";
/// What is not encoded.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
const PATH: &AsciiSet = &VALUE.remove(b'/');

/// What stands in Authorization.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    pub(super) id: &'a str,
    day: &'a str,
    region: &'a str,
    signature: &'a str,
    /// Headers that are signed besides those that always are; separated by `;`.
    additional: &'a str,
}

impl<'a> Claim<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Refusal> {
        let wrong = || Refusal::argument("The Authorization header is invalid.".to_owned());
        let field = |name: &str| {
            let mut fields = text.split(',').map(str::trim);
            fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
        };
        let credential = field("Credential").ok_or_else(wrong)?;
        let scope: Vec<_> = credential.split('/').collect();
        let [id, day, region, "oss", "aliyun_v4_request"] = scope[..] else {
            return Err(wrong());
        };
        Ok(Self {
            id,
            day,
            region,
            signature: field("Signature").ok_or_else(wrong)?,
            additional: field("AdditionalHeaders").unwrap_or_default(),
        })
    }

    pub(super) fn verify(&self, asked: &Asked, secret: &str, region: &str) -> Result<(), Refusal> {
        let date = asked.header("x-oss-date").unwrap_or_default();
        let scope = format!("{}/{}/oss/aliyun_v4_request", self.day, self.region);
        let canonical = self.canonical(asked)?;
        let canonical = base16(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref());
        let signed = format!("{ALGORITHM}\n{date}\n{scope}\n{canonical}");
        if self.region != region || !date.starts_with(self.day) {
            return Err(Refusal::signature(signed));
        }
        let mut key = format!("aliyun_v4{secret}").into_bytes();
        for step in [self.day, self.region, "oss", "aliyun_v4_request"] {
            key = hmac_sha256(&key, step);
        }
        // A signature is hexadecimal in lower case, and nothing else.
        if base16(&hmac_sha256(&key, &signed)) == self.signature {
            return Ok(());
        }
        Err(Refusal::signature(signed))
    }

    fn canonical(&self, asked: &Asked) -> Result<String, Refusal> {
        let payload = asked.header("x-oss-content-sha256").unwrap_or_default();
        if payload != "UNSIGNED-PAYLOAD" {
            let message = "x-oss-content-sha256 must be UNSIGNED-PAYLOAD".to_owned();
            return Err(Refusal::argument(message));
        }
        let path = match asked.bucket.as_str() {
            "" => "/".to_owned(),
            bucket => format!("/{bucket}/{}", asked.key),
        };
        let path = utf8_percent_encode(&path, PATH);
        let encoded = |text: &str| utf8_percent_encode(text, VALUE).to_string();
        let mut query: Vec<_> = asked
            .query
            .iter()
            .map(|(name, value)| match value.as_str() {
                "" => (encoded(name), String::new()),
                value => (encoded(name), format!("={}", encoded(value))),
            })
            .collect();
        query.sort();
        let query: Vec<_> = query
            .into_iter()
            .map(|(name, value)| name + &value)
            .collect();
        Ok(format!(
            "{}\n{path}\n{}\n{}\n{}\n{payload}",
            asked.method,
            query.join("&"),
            self.headers(asked),
            self.additional,
        ))
    }

    fn headers(&self, asked: &Asked) -> String {
        let is_signed = |name: &str| {
            let always = ["content-type", "content-md5"].contains(&name);
            let also = self.additional.split(';').any(|other| other == name);
            always || also || name.starts_with("x-oss-")
        };
        let mut headers: Vec<_> = asked
            .headers
            .iter()
            .filter(|(name, _)| is_signed(name.as_str()))
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes());
                (name.as_str(), format!("{name}:{}\n", value.trim()))
            })
            .collect();
        // By their names: what begins another comes before it.
        headers.sort();
        let lines: Vec<_> = headers.into_iter().map(|(_, line)| line).collect();
        lines.concat()
    }
}

/// What the client says the time is.
pub(super) fn date(asked: &Asked) -> Result<SystemTime, Refusal> {
    let date = asked.header("x-oss-date").unwrap_or_default();
    let date = DateTime::strptime("%Y%m%dT%H%M%SZ", date);
    let date = date.and_then(|date| date.to_zoned(TimeZone::UTC));
    let date = date.map_err(|_| {
        let message = "x-oss-date must say the time as in 20260101T120000Z";
        Refusal::new(403, "AccessDenied", message)
    })?;
    Ok(SystemTime::from(date))
}

fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
}

fn base16(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
