use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{Error, ErrorKind, Result};

/// A lease as it is now (k8s.io/api/coordination/v1, `Lease`), as far as it counts here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Which state of it this is: one that was changed since has another.
    pub resource_version: String,
    /// `spec.holderIdentity`.
    pub holder: Option<String>,
    /// `spec.renewTime`.
    pub renewed: Option<Timestamp>,
    /// `metadata.annotations`.
    pub annotations: BTreeMap<String, String>,
}

/// What is written into a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// `spec.holderIdentity`.
    pub holder: String,
    /// `spec.renewTime`, to the microsecond.
    pub at: Timestamp,
    /// An annotation beside, and its value.
    pub annotation: Option<(&'static str, String)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    kind: String,
    metadata: Metadata,
    spec: Option<Spec>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    name: String,
    resource_version: String,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    holder_identity: Option<String>,
    renew_time: Option<Timestamp>,
}

impl Lease {
    /// The lease of this name in JSON.
    ///
    /// Errors: `Odd` for anything else.
    pub fn read(name: &str, json: &[u8]) -> Result<Self> {
        let odd = |why: String| Error::new(ErrorKind::Odd, why);
        let document: Document = serde_json::from_slice(json)
            .map_err(|error| odd(format!("the answer is no lease: {error}")))?;
        let Document {
            kind,
            metadata,
            spec,
        } = document;
        if kind != "Lease" || metadata.name != name {
            let other = metadata.name;
            return Err(odd(format!("the answer is the {kind} {other:?}")));
        }
        let spec = spec.unwrap_or_default();
        Ok(Self {
            resource_version: metadata.resource_version,
            holder: spec.holder_identity.filter(|holder| !holder.is_empty()),
            renewed: spec.renew_time,
            annotations: metadata.annotations,
        })
    }
}

impl Renewal {
    /// As a merge patch (RFC 7386) of the state that was read: one of an older state is refused.
    pub(crate) fn patch(&self, resource_version: &str) -> Value {
        let annotations: BTreeMap<_, _> = self.annotation.iter().cloned().collect();
        // `MicroTime` has six digits (k8s.io/apimachinery/pkg/apis/meta/v1/micro_time.go).
        let at = format!("{:.6}", self.at);
        json!({
            "metadata": { "resourceVersion": resource_version, "annotations": annotations },
            "spec": { "holderIdentity": self.holder, "renewTime": at },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: &str = r#"{"kind":"Lease","apiVersion":"coordination.k8s.io/v1","metadata":{"name":"full",
        "resourceVersion":"812","annotations":{"a":"b"}},"spec":{"holderIdentity":"1354",
        "renewTime":"2026-11-22T09:13:06.000000Z"}}"#;

    #[test]
    fn a_lease_is_read_and_nothing_else_is() {
        let lease = Lease::read("full", LEASE.as_bytes()).unwrap();
        assert_eq!(lease.holder.as_deref(), Some("1354"));
        assert_eq!(lease.renewed, "2026-11-22T09:13:06Z".parse().ok());
        let fresh =
            br#"{"kind":"Lease","metadata":{"name":"full","resourceVersion":"1"},"spec":{}}"#;
        let lease = Lease::read("full", fresh).unwrap();
        assert_eq!((lease.holder, lease.renewed), (None, None));
        for other in [
            "<html>a proxy</html>",
            "",
            "{}",
            r#"{"kind":"Status","metadata":{"name":"full","resourceVersion":"1"}}"#,
            r#"{"kind":"Lease","metadata":{"name":"delta","resourceVersion":"1"}}"#,
            r#"{"kind":"Lease","metadata":{"name":"full","resourceVersion":"1"},"spec":{"renewTime":"soon"}}"#,
        ] {
            let read = Lease::read("full", other.as_bytes());
            assert_eq!(read.unwrap_err().kind(), ErrorKind::Odd, "{other}");
        }
    }

    #[test]
    fn a_patch_names_the_state_that_was_read() {
        let renewal = Renewal {
            holder: "1354".to_owned(),
            at: "2026-11-22T09:13:06.0000019Z".parse().unwrap(),
            annotation: None,
        };
        let meant = json!({
            "metadata": {"resourceVersion": "812", "annotations": {}},
            "spec": {"holderIdentity": "1354", "renewTime": "2026-11-22T09:13:06.000001Z"},
        });
        assert_eq!(renewal.patch("812"), meant);
    }
}
