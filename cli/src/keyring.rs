//! The keys that a run is given: files with identities, and with recipients.

use std::path::Path;

use engine::encryption::{Identities, Keyring, Recipients};

use crate::args::StoreArgs;
use crate::error::{Error, Result};

/// Reads the files that are named.
///
/// Errors: one of them is gone, empty, or not what it should be.
pub(crate) fn keyring(store: &StoreArgs) -> Result<Keyring> {
    let recipients = match &store.encrypt_recipients {
        Some(path) => recipients(path)?,
        None => Recipients::default(),
    };
    Ok(Keyring::new(recipients, identities(store)?))
}

/// For whom is encrypted.
pub(crate) fn recipients(path: &Path) -> Result<Recipients> {
    is_a_path("--encrypt-recipients", path)?;
    Recipients::read(path).map_err(|error| Error::new(format!("--encrypt-recipients: {error}")))
}

/// Refuses a secret key where the path of a file belongs: every error would tell it.
fn is_a_path(flag: &str, path: &Path) -> Result<()> {
    let text = path.to_string_lossy().to_ascii_uppercase();
    match text.contains("AGE-SECRET-KEY-") {
        true => Err(Error::new(format!(
            "{flag}: a secret key stands where the path of a file belongs. Write it into a file that only you may read; make a new one if a \
             history of commands or a manifest holds this one"
        ))),
        false => Ok(()),
    }
}

fn identities(store: &StoreArgs) -> Result<Identities> {
    let mut all = Vec::new();
    for path in &store.identity {
        is_a_path("--identity", path)?;
        let read = Identities::read(path);
        all.push(read.map_err(|error| Error::new(format!("--identity: {error}")))?);
        warn_of_others(path);
    }
    Ok(Identities::joined(all))
}

/// Whoever reads an identity reads the backups.
#[cfg(unix)]
fn warn_of_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(found) = std::fs::metadata(path) else {
        return;
    };
    if found.permissions().mode() & 0o077 != 0 {
        tracing::warn!(
            "others than its owner may use the identity in {}: `chmod 600` it",
            path.display()
        );
    }
}
