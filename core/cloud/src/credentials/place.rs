use std::path::{Path, PathBuf};

use snapstore::{Environment, Error, ErrorKind, Result};

/// The path that `variable` holds; `None` if it is not set.
///
/// The value is shown to nobody before something is found there: often enough the credential itself
/// stands where its path belongs. (The reference, too, takes a path and no text.)
///
/// Errors: `Config`, with the name of the variable and what its value looks like, if there is nothing
/// at that path, or one may not look.
pub fn path(environment: &Environment, variable: &str) -> Result<Option<PathBuf>> {
    let value = environment.get(variable);
    value
        .map(|value| named(&environment.name(variable), value))
        .transpose()
}

/// As [`path`], of a variable that is the same for every store of the process.
pub fn path_of_process(environment: &Environment, variable: &str) -> Result<Option<PathBuf>> {
    let value = environment.of_process(variable);
    value.map(|value| named(variable, value)).transpose()
}

fn named(variable: &str, value: &str) -> Result<PathBuf> {
    let path = Path::new(value);
    let Err(error) = std::fs::metadata(path) else {
        return Ok(path.to_owned());
    };
    let what = match looks_like(value) {
        Some(what) => {
            format!("its value looks like {what}, and a path is wanted: write the text into a file")
        }
        None => format!(
            "its value, which is not shown, is no path of a file or directory that can be read: {error}"
        ),
    };
    let message = format!("{variable}: {what}");
    Err(Error::new(ErrorKind::Config, "open", message))
}

/// Below this length a word is no encoded document.
const SHORTEST_BASE64: usize = 24;

/// What else than a path a value seems to be.
fn looks_like(value: &str) -> Option<&'static str> {
    if value.starts_with(['{', '[', '"']) {
        return Some("JSON text");
    }
    if value.contains('\n') {
        return Some("the text of a file");
    }
    let word = value.trim_end_matches('=');
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    let is_base64 = word.len() >= SHORTEST_BASE64 && word.chars().all(is_plain);
    // One that begins with `/` is a path, as far as anybody can tell.
    (is_base64 && !word.starts_with('/')).then_some("base64")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `AWS_APPLICATION_CREDENTIALS='{"accessKeyID": ...'` was answered with the whole text, in a log
    /// that many may read: every provider told the path that it could not open.
    #[test]
    fn a_credential_in_place_of_its_path_is_not_shown() {
        for (value, told) in [
            (r#"{"secretAccessKey": "hush"}"#, "JSON text"),
            (r#" [{"hush": 1}]"#, "JSON text"),
            ("eyJodXNoIjogImh1c2gxMjM0NTY3ODkwIn0=", "base64"),
            ("hush\nhush", "text of a file"),
            ("/hush", "not shown"),
            ("hush", "not shown"),
        ] {
            let set = [("SOURCE_X".to_owned(), value.to_owned())];
            let environment = Environment::new(set).of_source();
            let error = path(&environment, "X").unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains("SOURCE_X: "), "{shown}");
            assert!(shown.contains(told), "{shown}");
            assert!(!shown.contains("hush") && !shown.contains("eyJ"), "{shown}");
        }
    }

    #[test]
    fn what_is_there_is_a_path_whatever_it_is_called() {
        let dir = tempfile::tempdir().unwrap();
        let odd = dir.path().join("{\"a\"}");
        std::fs::write(&odd, "").unwrap();
        let set = [("X".to_owned(), odd.to_str().unwrap().to_owned())];
        assert_eq!(path(&Environment::new(set), "X").unwrap(), Some(odd));
        assert_eq!(path(&Environment::default(), "X").unwrap(), None);
    }
}
