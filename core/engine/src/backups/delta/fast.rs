//! The exact layout that Go's encoder writes, parsed in one pass. Millions of events have this
//! shape and no other; anything else is left to the JSON parser, which is several times slower.

use memchr::memchr;

use super::event::{EventFields, EventKind};

/// An event at the start of `text` and the bytes it takes. `None` when it is laid out otherwise
/// or not all there: the JSON parser will tell which.
pub(crate) fn event(text: &[u8]) -> Option<(EventFields<'_>, usize)> {
    let mut rest = Cursor { text, at: 0 };
    rest.literal(b"{\"etcdEvent\":{")?;
    let kind = match rest.literal(b"\"type\":1,") {
        Some(()) => EventKind::Delete,
        None => EventKind::Put,
    };
    rest.literal(b"\"kv\":{\"key\":\"")?;
    let key = rest.string()?;
    let create_revision = rest.number(b",\"create_revision\":")?;
    let mod_revision = rest.number(b",\"mod_revision\":")?;
    let version = rest.number(b",\"version\":")?;
    let value = match rest.literal(b",\"value\":\"") {
        Some(()) => rest.string()?,
        None => b"",
    };
    let lease = rest.number(b",\"lease\":")?;
    rest.literal(b"}},\"time\":\"")?;
    let time = rest.string()?;
    let lease_ttl = Some(rest.number(b",\"leaseTTL\":")?).filter(|ttl| *ttl != 0);
    rest.literal(b"}")?;
    let event = EventFields {
        kind,
        key,
        create_revision,
        mod_revision,
        version,
        value,
        lease,
        lease_ttl,
        time,
    };
    Some((event, rest.at))
}

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn literal(&mut self, literal: &[u8]) -> Option<()> {
        self.rest()
            .starts_with(literal)
            .then(|| self.at += literal.len())
    }

    /// Up to the closing quote. Base64 and times have no escapes; what has is not this layout.
    fn string(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest();
        let length = memchr(b'"', rest)?;
        let text = &rest[..length];
        // A backslash is outside the alphabet of base64, so a value need not be searched for it:
        // decoding refuses it. In front of the quote it would hide the end, so look there.
        if text.last() == Some(&b'\\') {
            return None;
        }
        self.at += length + 1;
        Some(text)
    }

    /// The number after `label`; 0 when the label is not there. `None` for what is no plain
    /// decimal `i64`, or may go on after what is there.
    fn number(&mut self, label: &[u8]) -> Option<i64> {
        if self.literal(label).is_none() {
            return Some(0);
        }
        let rest = self.rest();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        // Nineteen digits may overflow, and more do.
        if digits == 0 || digits == rest.len() || digits > 19 {
            return None;
        }
        let mut number = 0_i64;
        for digit in &rest[..digits] {
            number = number
                .checked_mul(10)?
                .checked_add(i64::from(digit - b'0'))?;
        }
        self.at += digits;
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::delta::event::WireEvent;
    use proptest::prelude::*;

    const PUT: &str = r#"{"etcdEvent":{"kv":{"key":"Zm9v","create_revision":2,"mod_revision":3,"version":4,"value":"YmFy","lease":1360828169169792697}},"time":"2026-11-22T09:13:06.04Z"}"#;
    const DELETE: &str = r#"{"etcdEvent":{"type":1,"kv":{"key":"Zm9v","mod_revision":3}},"time":"2026-11-22T09:13:06.04Z"}"#;

    fn agrees(text: &str) -> bool {
        let Some((fast, length)) = event(text.as_bytes()) else {
            return false;
        };
        let slow: WireEvent<'_> = serde_json::from_str(&text[..length]).unwrap();
        assert_eq!(fast, slow.fields().unwrap());
        true
    }

    #[test]
    fn the_layout_of_the_reference_is_taken() {
        assert!(agrees(PUT));
        assert!(agrees(DELETE));
        assert!(agrees(&PUT.replace("\"}", "\",\"leaseTTL\":60}")));
        assert!(agrees(&PUT.replace(",\"value\":\"YmFy\"", "")));
    }

    #[test]
    fn another_layout_is_left_to_the_json_parser() {
        assert!(!agrees(&PUT.replace(':', ": ")));
        assert!(!agrees(&PUT.replace("\"version\":4", "\"version\":4e0")));
        for end in 0..PUT.len() {
            assert!(!agrees(&PUT[..end]), "{end}");
        }
    }

    proptest! {
        /// Whatever one byte is changed to, the two parsers never read different events.
        #[test]
        fn a_changed_byte_is_never_read_differently(at in 0..PUT.len(), byte: u8) {
            let mut text = PUT.as_bytes().to_vec();
            text[at] = byte;
            if let Some((fast, length)) = event(&text)
                && let Ok(slow) = serde_json::from_slice::<WireEvent<'_>>(&text[..length])
            {
                prop_assert_eq!(Some(fast), slow.fields());
            }
        }
    }
}
