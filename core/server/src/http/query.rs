//! Parameters of a request, read as Go reads them.

use url::form_urlencoded;

/// The first value of a parameter; `None` where there is none or it is empty.
pub(super) fn value(query: Option<&str>, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let (_, value) = pairs.find(|(key, _)| key == name)?;
    (!value.is_empty()).then(|| value.into_owned())
}

/// A boolean as `strconv.ParseBool` takes it; `None` for anything else.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_one_counts() {
        assert_eq!(
            value(Some("final=1&final=0"), "final").as_deref(),
            Some("1")
        );
        assert_eq!(
            value(Some("a=b&final=tr%75e"), "final").as_deref(),
            Some("true")
        );
        assert_eq!(value(Some("final=&final=1"), "final"), None);
        assert_eq!(value(Some("Final=1"), "final"), None);
        assert_eq!(value(None, "final"), None);
    }

    proptest! {
        #[test]
        fn any_query_is_read(query: String) {
            let read = value(Some(&query), "final");
            let found = read.as_deref().and_then(boolean);
            prop_assert!(found.is_none() || query.contains("final"));
        }

        #[test]
        fn only_words_of_go_are_booleans(text in "[a-zA-Z0-9]{0,6}") {
            let meant = ["1", "t", "true", "0", "f", "false"].contains(&text.to_lowercase().as_str());
            // Go takes `True`, not `tRue`.
            prop_assert!(boolean(&text).is_none() || meant);
        }
    }
}
