use anyhow::Result;

/// At least one.
pub(super) fn some(text: &str) -> Result<usize> {
    Ok(text.parse::<std::num::NonZero<usize>>()?.get())
}
