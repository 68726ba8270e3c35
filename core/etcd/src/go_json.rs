//! JSON as Go's encoding/json writes it: compact, fields in declaration order, and `<`, `>`,
//! `&`, U+2028 and U+2029 escaped inside strings. Members and the v2 store are kept this way.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

/// `value` as `json.Marshal` writes it. Only for types whose serialisation cannot fail: maps
/// with string keys, structures, numbers, strings.
pub(crate) fn to_string<T: Serialize>(value: &T) -> String {
    let mut out = Vec::new();
    let result = value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Html));
    debug_assert!(result.is_ok(), "plain data always serialises");
    String::from_utf8(out).unwrap_or_default()
}

struct Html;

impl Formatter for Html {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            let (plain, escaped) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut chars = escaped.chars();
            if let Some(c) = chars.next() {
                write!(writer, "\\u{:04x}", u32::from(c))?;
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_as_go_does() {
        assert_eq!(
            to_string(&"a<&>\"é\u{2028}\n"),
            r#""a\u003c\u0026\u003e\"é\u2028\n""#
        );
    }
}
