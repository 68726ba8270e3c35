//! The bodies of OSS, as its API reference describes them.

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use snapstore::{Error, ErrorKind, Result};

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Refused {
    pub(crate) code: String,
    pub(crate) message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Listed {
    pub(crate) is_truncated: bool,
    pub(crate) next_marker: Option<String>,
    pub(crate) contents: Vec<Object>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Object {
    pub(crate) key: String,
    pub(crate) last_modified: String,
    #[serde(rename = "ETag")]
    pub(crate) etag: String,
    pub(crate) size: u64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Initiated {
    pub(crate) upload_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Uploads {
    pub(crate) is_truncated: bool,
    pub(crate) next_key_marker: Option<String>,
    pub(crate) next_upload_id_marker: Option<String>,
    pub(crate) upload: Vec<Pending>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Pending {
    pub(crate) key: String,
    pub(crate) upload_id: String,
    pub(crate) initiated: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Parts {
    pub(crate) is_truncated: bool,
    pub(crate) next_part_number_marker: Option<String>,
    pub(crate) part: Vec<Part>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Part {
    pub(crate) last_modified: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Worm {
    pub(crate) state: String,
    pub(crate) retention_period_in_days: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Versioning {
    /// `Enabled` or `Suspended`; missing where there never were versions.
    pub(crate) status: Option<String>,
}

/// `body` as a `T`.
pub(crate) fn parse<T: DeserializeOwned>(operation: &'static str, body: &[u8]) -> Result<T> {
    quick_xml::de::from_reader(body).map_err(|error| {
        let message = format!("the store's answer makes no sense: {error}");
        Error::new(ErrorKind::Corrupt, operation, message)
    })
}

/// A key as it is, of one that `encoding-type=url` has spelled.
pub(crate) fn decoded(key: &str) -> Option<String> {
    let decoded = percent_decode_str(key).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

/// The body of a completion. ETags are hexadecimal in quotes, which XML text may hold.
pub(crate) fn completion(etags: &[&str]) -> String {
    let mut body = String::from("<CompleteMultipartUpload>");
    for (number, etag) in (1..).zip(etags) {
        let etag = quick_xml::escape::escape(*etag);
        body.push_str(&format!(
            "<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"
        ));
    }
    body.push_str("</CompleteMultipartUpload>");
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_listing_is_one() {
        let empty: Listed = parse(
            "list",
            b"<ListBucketResult><Name>b</Name></ListBucketResult>",
        )
        .unwrap();
        assert!(empty.contents.is_empty() && !empty.is_truncated);
        assert!(parse::<Listed>("list", b"<html>").is_err());
    }

    #[test]
    fn an_etag_cannot_break_out_of_its_place() {
        let body = completion(&["\"<x>\""]);
        assert!(!body.contains("<x>"), "{body}");
    }
}
