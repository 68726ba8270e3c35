//! What is tried on arbitrary bytes: by cargo-fuzz from `fuzz_targets/`, and by `src/args/config_file_mutated.rs` on mutated
//! files.

use std::ffi::OsString;

/// Reads the bytes as the file of `server --config-file`: flags, or an error without a secret.
pub(crate) fn config_file(
    bytes: &[u8],
    parse: impl Fn(&str) -> Result<Vec<OsString>, String>,
) -> Option<usize> {
    let text = String::from_utf8_lossy(bytes);
    let words = match parse(&text) {
        Ok(words) => words,
        Err(error) => {
            assert!(!error.is_empty());
            assert!(!error.contains("hunter2"), "a secret: {error}");
            return None;
        }
    };
    for word in &words {
        let word = word.to_str().expect("text makes text");
        // One flag and its value: nothing of a value is a flag of its own.
        let (flag, value) = word.split_once('=').expect("a value");
        assert!(flag.starts_with("--") && flag.len() > 2, "{word}");
        assert!(!value.is_empty(), "{word}");
    }
    Some(words.len())
}
