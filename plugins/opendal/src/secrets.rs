//! What no error may show.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use snapstore::printable;

/// Options that hold no secret, so that errors may name where they went.
const OPEN: [&str; 10] = [
    "account_name",
    "bucket",
    "container",
    "endpoint",
    "filesystem",
    "region",
    "root",
    "share_name",
    "user",
    "username",
];

/// Shorter ones stand in any text, and to take them out would show them.
const SHORTEST: usize = 4;

/// The longest text that an error holds, in characters.
const LONGEST: usize = 600;

/// The values of all options but those that are known to be open.
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    pub(crate) fn of(options: &BTreeMap<String, String>) -> Self {
        let hidden = options
            .iter()
            .filter(|(name, value)| !OPEN.contains(&name.as_str()) && value.len() >= SHORTEST);
        let mut values: Vec<String> = hidden
            .flat_map(|(_, value)| {
                let encoded = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
                [value.clone(), encoded]
            })
            .collect();
        // The longest first: one may hold another.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Self(values)
    }

    /// `text` without secrets, without the queries of addresses (which signatures stand in), and safe to print.
    pub(crate) fn hide(&self, text: &str) -> String {
        let mut shown = without_queries(text);
        for secret in &self.0 {
            shown = shown.replace(secret, "[hidden]");
        }
        let shown = printable(&shown);
        match shown.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}...", &shown[..end]),
            None => shown,
        }
    }
}

fn without_queries(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, address) = rest.split_at(at);
        let ends =
            |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')' | ',' | '}');
        let end = address.find(ends).unwrap_or(address.len());
        let (address, after) = address.split_at(end);
        out.push_str(before);
        match address.split_once('?') {
            Some((path, _)) => {
                out.push_str(path);
                out.push_str("?[hidden]");
            }
            None => out.push_str(address),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_signatures_are_not_shown() {
        let option = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let secrets = Secrets::of(&BTreeMap::from([
            option("password", "p ss/word"),
            option("token", "p ss/word and more"),
            option("username", "backup"),
        ]));
        for (text, shown) in [
            ("user backup, p ss/word", "user backup, [hidden]"),
            ("p%20ss%2Fword", "[hidden]"),
            ("p ss/word and more", "[hidden]"),
            (
                "for url (https://a/b?sig=x&y=z), then https://c/d?e",
                "for url (https://a/b?[hidden]), then https://c/d?[hidden]",
            ),
            ("why? not here", "why? not here"),
            ("a\u{1b}[2J", "a\\u{1b}[2J"),
        ] {
            assert_eq!(secrets.hide(text), shown);
        }
        assert!(secrets.hide(&"x".repeat(5000)).len() < 700);
    }
}
