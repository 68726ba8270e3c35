//! What kube-apiserver wrote into a value: which object it is, as far as the envelope tells.

use prost::Message;
use serde::Deserialize;

/// The first bytes of an object in protobuf
/// (k8s.io/apimachinery/pkg/runtime/serializer/protobuf/protobuf.go, `protoEncodingPrefix`).
const PROTOBUF: &[u8] = b"k8s\0";

/// The first bytes of a value that kube-apiserver has encrypted
/// (k8s.io/apiserver/pkg/storage/value/encrypt, `k8s:enc:<way>:v<n>:<key>:`).
const ENCRYPTED: &[u8] = b"k8s:enc:";

/// k8s.io/apimachinery/pkg/runtime/generated.proto, `Unknown`.
#[derive(Clone, PartialEq, Message)]
struct Unknown {
    #[prost(message, optional, tag = "1")]
    type_meta: Option<TypeMeta>,
    #[prost(bytes = "vec", tag = "2")]
    raw: Vec<u8>,
}

/// k8s.io/apimachinery/pkg/runtime/generated.proto, `TypeMeta`.
#[derive(Clone, PartialEq, Message)]
struct TypeMeta {
    #[prost(string, tag = "1")]
    api_version: String,
    #[prost(string, tag = "2")]
    kind: String,
}

/// Any object: its first field is the metadata.
#[derive(Clone, PartialEq, Message)]
struct Object {
    #[prost(message, optional, tag = "1")]
    metadata: Option<ObjectMeta>,
}

/// k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto, `ObjectMeta`.
#[derive(Clone, PartialEq, Message)]
struct ObjectMeta {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "3")]
    namespace: String,
}

/// The same in JSON, as custom resources are stored.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct InJson {
    api_version: String,
    kind: String,
    #[serde(default)]
    metadata: NamesInJson,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NamesInJson {
    name: String,
    namespace: String,
}

/// `v1 Pod default/web, protobuf, 512 bytes`; none of what is no object.
pub(crate) fn described(value: &[u8]) -> Option<String> {
    let size = value.len();
    if let Some(sealed) = value.strip_prefix(ENCRYPTED) {
        let mut parts = sealed.split(|byte| *byte == b':');
        let mut part = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
        let (way, version, key) = (part(), part(), part());
        return Some(format!(
            "encrypted by kube-apiserver with {way} {version}, key {key}, {size} bytes"
        ));
    }
    if let Some(envelope) = value.strip_prefix(PROTOBUF) {
        let unknown = Unknown::decode(envelope).ok()?;
        let of = unknown.type_meta?;
        // An object whose first field is another keeps its kind.
        let object = Object::decode(unknown.raw.as_slice()).unwrap_or_default();
        let names = object.metadata.unwrap_or_default();
        let name = named(&names.namespace, &names.name);
        return Some(format!(
            "{} {}{name}, protobuf, {size} bytes",
            of.api_version, of.kind
        ));
    }
    let object: InJson = serde_json::from_slice(value).ok()?;
    let name = named(&object.metadata.namespace, &object.metadata.name);
    Some(format!(
        "{} {}{name}, JSON, {size} bytes",
        object.api_version, object.kind
    ))
}

fn named(namespace: &str, name: &str) -> String {
    match (namespace, name) {
        (_, "") => String::new(),
        ("", name) => format!(" {name}"),
        (namespace, name) => format!(" {namespace}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pod(raw: Vec<u8>) -> Vec<u8> {
        let unknown = Unknown {
            type_meta: Some(TypeMeta {
                api_version: "v1".into(),
                kind: "Pod".into(),
            }),
            raw,
        };
        [PROTOBUF, &unknown.encode_to_vec()].concat()
    }

    #[test]
    fn an_object_is_named_by_kind_namespace_and_name() {
        let object = Object {
            metadata: Some(ObjectMeta {
                name: "web".into(),
                namespace: "default".into(),
            }),
        };
        let value = pod(object.encode_to_vec());
        let told = format!("v1 Pod default/web, protobuf, {} bytes", value.len());
        assert_eq!(described(&value), Some(told));
        // A field 1 that is no metadata (an Event of events.k8s.io has it, a raw document has not).
        let told = described(&pod(vec![0x0a, 0x7f]));
        assert_eq!(told.as_deref(), Some("v1 Pod, protobuf, 19 bytes"));
    }

    #[test]
    fn json_and_what_is_encrypted_are_told_apart() {
        let json = br#"{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"}}"#;
        let told = described(json);
        assert_eq!(
            told.as_deref(),
            Some("example.com/v1 Widget w, JSON, 71 bytes")
        );
        let told = described(b"k8s:enc:aescbc:v1:key1:\x00\x01");
        let meant = "encrypted by kube-apiserver with aescbc v1, key key1, 25 bytes";
        assert_eq!(told.as_deref(), Some(meant));
        for other in [&b"plain"[..], b"", b"{}", b"k8s\0\xff"] {
            assert_eq!(described(other), None, "{other:?}");
        }
    }

    proptest! {
        /// Whatever a value is, it is described or it is not.
        #[test]
        fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            described(&bytes);
            described(&[PROTOBUF, &bytes].concat());
            described(&[ENCRYPTED, &bytes].concat());
        }
    }
}
