//! Leases, as the `lease` bucket holds them (server/lease/leasepb/lease.proto).

use prost::Message;

use crate::Malformed;

/// A lease: key the id as i64 big-endian, value this message with zeros omitted.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Lease {
    /// Never 0: 0 on a key means no lease.
    #[prost(int64, tag = "1")]
    pub id: i64,
    /// Granted time to live, in seconds.
    #[prost(int64, tag = "2")]
    pub ttl: i64,
    /// What a checkpoint left of it, in seconds; 0 for a full one.
    #[prost(int64, tag = "3")]
    pub remaining_ttl: i64,
}

/// The longest time to live that etcd grants, in seconds (`MaxLeaseTTL`, server/lease/lessor.go).
/// It counts in nanoseconds: much longer ones overflow, and end as soon as it starts.
pub const LONGEST_TTL: i64 = 9_000_000_000;

impl Lease {
    /// The key in the `lease` bucket. Negative ids sort last, as their bytes do.
    pub fn key(&self) -> [u8; 8] {
        self.id.to_be_bytes()
    }

    /// The value in the `lease` bucket.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    /// Parses an entry of the `lease` bucket; the key must say the same id.
    pub fn parse(key: &[u8], value: &[u8]) -> Result<Self, Malformed> {
        let malformed = |why| Malformed {
            what: "lease",
            why,
            offset: 0,
        };
        let key: [u8; 8] = key
            .try_into()
            .map_err(|_| malformed("has no key of 8 bytes"))?;
        let lease = Self::decode(value).map_err(|_| malformed("is not a leasepb.Lease message"))?;
        if lease.id != i64::from_be_bytes(key) {
            return Err(malformed("has another id than its key"));
        }
        Ok(lease)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes from the database of etcd 3.5.1.
    #[test]
    fn bytes_are_etcds() {
        let key = *b"\x12\xe2\xa2\x02\x87\xb5\xe3\x05";
        let value = b"\x08\x85\xc6\xd7\xbd\xa8\xc0\xa8\xf1\x12\x10\x90\x1c";
        let lease = Lease::parse(&key, value).unwrap();
        assert_eq!((lease.ttl, lease.remaining_ttl), (3600, 0));
        assert_eq!(
            (lease.key(), lease.to_bytes().as_slice()),
            (key, &value[..])
        );
    }

    #[test]
    fn a_lease_under_another_key_is_refused() {
        let lease = Lease {
            id: 7,
            ttl: 60,
            remaining_ttl: 5,
        };
        assert!(Lease::parse(&8i64.to_be_bytes(), &lease.to_bytes()).is_err());
        assert!(Lease::parse(&lease.key(), b"\x08").is_err());
        assert!(Lease::parse(b"7", &lease.to_bytes()).is_err());
    }
}
