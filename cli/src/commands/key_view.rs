//! A key in a JSON document, as etcdctl writes it: what is zero is left out.

use base64_simd::STANDARD;
use client::KeyValue;
use serde::Serialize;

use crate::kube_object::described;

#[derive(Debug, Serialize)]
pub(super) struct KeyView {
    key: String,
    create_revision: i64,
    mod_revision: i64,
    version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
}

/// What of the value is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Values {
    /// Itself.
    pub(super) whole: bool,
    /// What Kubernetes wrote.
    pub(super) decoded: bool,
}

pub(super) fn key_view(kv: &KeyValue, values: Values) -> KeyView {
    let object = values.decoded.then(|| described(&kv.value)).flatten();
    KeyView {
        key: STANDARD.encode_to_string(&kv.key),
        create_revision: kv.create_revision,
        mod_revision: kv.mod_revision,
        version: kv.version,
        value: values.whole.then(|| STANDARD.encode_to_string(&kv.value)),
        lease: (kv.lease != 0).then_some(kv.lease),
        object,
    }
}
