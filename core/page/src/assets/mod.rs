//! What the page brings along, and who may run it.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// The style of the page.
pub(crate) const STYLE: &str = include_str!("page.css");

/// Renews the page and copies commands. Without it the page says the same.
pub(crate) const SCRIPT: &str = include_str!("page.js");

/// The Content-Security-Policy of the page: its own style and script by their hashes, questions to its own server, and nothing else.
pub fn policy() -> &'static str {
    static POLICY: LazyLock<String> = LazyLock::new(|| {
        let (style, script) = (hash(STYLE), hash(SCRIPT));
        format!(
            "default-src 'none'; style-src '{style}'; script-src '{script}'; connect-src 'self'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'"
        )
    });
    &POLICY
}

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    format!("sha256-{}", base64_simd::STANDARD.encode_to_string(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What ended an element early would stand in the page as text, and its hash would be another one.
    #[test]
    fn neither_ends_its_element() {
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains("</") && !text.contains("<!--"));
            assert!(!text.contains("http:") && !text.contains("https:") && !text.contains("//"));
        }
        assert!(!SCRIPT.contains("innerHTML") && !SCRIPT.contains("eval"));
        assert!(policy().is_ascii());
    }
}
