//! What others have sent, made safe for a terminal and a log.

/// Bytes of a strange answer that are shown.
const SHOWN: usize = 200;

/// `text` with everything escaped that would not show as itself: control characters, which may
/// command a terminal, and those that turn the direction of what follows or hide it.
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match is_hidden(c) {
            true => safe.extend(c.escape_default()),
            false => safe.push(c),
        }
    }
    safe
}

/// Control characters; marks, overrides and isolates of the bidirectional algorithm (Unicode
/// Standard Annex 9), separators of lines, and what has no width.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The beginning of `body` for an error: its first 200 bytes, safe to print, and how long it is.
pub fn excerpt(body: &[u8]) -> String {
    if body.is_empty() {
        return "an empty body".to_owned();
    }
    let shown = &body[..body.len().min(SHOWN)];
    let text = printable(&String::from_utf8_lossy(shown));
    match body.len() {
        length if length > SHOWN => format!("{length} bytes that begin with \"{text}\""),
        length => format!("{length} bytes: \"{text}\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_terminal_is_not_commanded() {
        let hostile = "<p>\x1b]0;owned\x07\r\n\u{202e}txt.exe\u{2066}</p>";
        let shown = printable(hostile);
        assert!(!shown.chars().any(is_hidden), "{shown:?}");
        assert!(shown.contains("\\u{202e}txt.exe"), "{shown}");
        assert_eq!(printable("ü/é#?&+ 本"), "ü/é#?&+ 本");
    }

    #[test]
    fn no_more_than_the_beginning_is_shown() {
        assert_eq!(excerpt(b""), "an empty body");
        assert_eq!(excerpt(b"<html>"), "6 bytes: \"<html>\"");
        let long = excerpt(&[b'x'; 5000]);
        assert!(long.starts_with("5000 bytes") && long.len() < 300, "{long}");
    }

    proptest! {
        #[test]
        fn whatever_came_can_be_printed(body: Vec<u8>) {
            prop_assert!(!excerpt(&body).chars().any(is_hidden));
        }
    }
}
