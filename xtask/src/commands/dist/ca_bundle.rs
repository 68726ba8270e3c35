use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Authorities in PEM. An image without them reaches no store over TLS.
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let bundle = fs::read(path).with_context(|| {
        format!(
            "read the authorities that the image is to trust in {}: name a file in PEM with --ca-bundle",
            path.display()
        )
    })?;
    let begin = b"-----BEGIN CERTIFICATE-----";
    ensure!(
        bundle.windows(begin.len()).any(|window| window == begin),
        "{} holds no certificate in PEM",
        path.display()
    );
    Ok(bundle)
}
