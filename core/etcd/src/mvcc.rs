//! The values of the `key` bucket: `mvccpb.KeyValue`.
//!
//! etcd writes proto3 in field order with zero fields omitted; encoding a decoded value gives
//! the same bytes back (shown on real databases in `tests/real_databases.rs`). Hot: neither
//! direction allocates per entry.

use crate::Malformed;
use crate::wire::{Fields, Value, put_bytes_field, put_varint_field};

/// One version of one key, borrowed from the database or from a delta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyValue<'a> {
    /// The user's key. Empty only in the entry with which `snapshot restore --bump-revision`
    /// moves the current revision: its whole value is empty.
    pub key: &'a [u8],
    /// Main revision of the put that began this generation of the key.
    pub create_revision: i64,
    /// Main revision of this put.
    pub mod_revision: i64,
    /// Puts since the generation began, this one included.
    pub version: i64,
    /// The user's value.
    pub value: &'a [u8],
    /// Id of the attached lease, 0 for none.
    pub lease: i64,
}

impl<'a> KeyValue<'a> {
    /// Decodes the value of an entry. Unknown fields are skipped, as etcd does.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut kv = Self::default();
        let mut fields = Fields::new("mvccpb.KeyValue", bytes);
        loop {
            let start = fields.offset();
            let Some((number, value)) = fields.next()? else {
                return Ok(kv);
            };
            match (number, value) {
                (1, Value::Bytes(key)) => kv.key = key,
                (2, Value::Varint(n)) => kv.create_revision = n.cast_signed(),
                (3, Value::Varint(n)) => kv.mod_revision = n.cast_signed(),
                (4, Value::Varint(n)) => kv.version = n.cast_signed(),
                (5, Value::Bytes(value)) => kv.value = value,
                (6, Value::Varint(n)) => kv.lease = n.cast_signed(),
                (1..=6, _) => return Err(fields.malformed("wrong wire type", start)),
                _ => {}
            }
        }
    }

    /// Appends the value of a put to `out`.
    #[inline]
    pub fn encode_put(&self, out: &mut Vec<u8>) {
        // Four varints and two lengths of at most 10 bytes, six tags.
        out.reserve(self.key.len() + self.value.len() + 66);
        put_bytes_field(out, 1, self.key);
        put_varint_field(out, 2, self.create_revision.cast_unsigned());
        put_varint_field(out, 3, self.mod_revision.cast_unsigned());
        put_varint_field(out, 4, self.version.cast_unsigned());
        put_bytes_field(out, 5, self.value);
        put_varint_field(out, 6, self.lease.cast_unsigned());
    }
}

/// Appends the value of a tombstone to `out`: the key alone, without the revision
/// (server/storage/mvcc/kvstore_txn.go, `delete`).
#[inline]
pub fn encode_tombstone(key: &[u8], out: &mut Vec<u8>) {
    put_bytes_field(out, 1, key);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same message as prost derives it: a second opinion on every byte.
    #[derive(Clone, PartialEq, prost::Message)]
    struct Derived {
        #[prost(bytes = "vec", tag = "1")]
        key: Vec<u8>,
        #[prost(int64, tag = "2")]
        create_revision: i64,
        #[prost(int64, tag = "3")]
        mod_revision: i64,
        #[prost(int64, tag = "4")]
        version: i64,
        #[prost(bytes = "vec", tag = "5")]
        value: Vec<u8>,
        #[prost(int64, tag = "6")]
        lease: i64,
    }

    fn borrowed(kv: &Derived) -> KeyValue<'_> {
        KeyValue {
            key: &kv.key,
            create_revision: kv.create_revision,
            mod_revision: kv.mod_revision,
            version: kv.version,
            value: &kv.value,
            lease: kv.lease,
        }
    }

    fn any_kv() -> impl Strategy<Value = Derived> {
        let number = || prop_oneof![Just(0), any::<i64>(), 0..300i64];
        let bytes = || proptest::collection::vec(any::<u8>(), 0..300);
        (bytes(), number(), number(), number(), bytes(), number()).prop_map(
            |(key, create_revision, mod_revision, version, value, lease)| Derived {
                key,
                create_revision,
                mod_revision,
                version,
                value,
                lease,
            },
        )
    }

    proptest! {
        #[test]
        fn bytes_are_those_of_a_derived_message(kv in any_kv()) {
            let mut out = Vec::new();
            borrowed(&kv).encode_put(&mut out);
            prop_assert_eq!(&out, &prost::Message::encode_to_vec(&kv));
            prop_assert_eq!(KeyValue::decode(&out).unwrap(), borrowed(&kv));
        }

        #[test]
        fn noise_decodes_as_prost_would_or_is_refused(bytes: Vec<u8>) {
            if let Ok(kv) = KeyValue::decode(&bytes) {
                let derived: Derived = prost::Message::decode(bytes.as_slice()).unwrap();
                prop_assert_eq!(kv, borrowed(&derived));
            }
        }
    }

    #[test]
    fn an_empty_value_is_the_entry_of_a_revision_bump() {
        assert_eq!(KeyValue::decode(b"").unwrap(), KeyValue::default());
    }

    #[test]
    fn unknown_fields_are_skipped_and_wrong_types_are_not() {
        assert_eq!(KeyValue::decode(b"\x3a\x01x\x0a\x01k").unwrap().key, b"k");
        assert_eq!(
            KeyValue::decode(b"\x0a\x01k\x28\x01").unwrap_err().offset,
            3
        );
    }

    #[test]
    fn a_tombstone_holds_only_its_key() {
        let mut out = Vec::new();
        encode_tombstone(b"k", &mut out);
        assert_eq!(out, b"\x0a\x01k");
    }
}
