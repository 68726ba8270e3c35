use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Writes SHA256SUMS of what is in a directory, as `sha256sum --check` reads it. Its lines.
pub(super) fn write(to: &Path) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let mut names = Vec::new();
    for entry in fs::read_dir(to)? {
        names.push(entry?.file_name());
    }
    names.sort();
    for name in names {
        let sum: [u8; 32] = Sha256::digest(fs::read(to.join(&name))?).into();
        let name = name.to_str().context("a name of ours is text")?;
        lines.push(format!("{}  {name}", hex::encode(sum)));
    }
    fs::write(to.join("SHA256SUMS"), lines.join("\n") + "\n")?;
    Ok(lines)
}
