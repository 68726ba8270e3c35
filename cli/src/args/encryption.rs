use std::path::PathBuf;

use clap::Args;

use super::StoreArgs;

/// Encryption
#[derive(Debug, Args)]
#[command(next_help_heading = "Encryption")]
pub(crate) struct EncryptionArgs {
    /// Encrypt what is written for the recipients in this file, one public key of age on a line (docs/encryption.md)
    #[arg(long, env = "ETCDBRCTL_ENCRYPT_RECIPIENTS", value_name = "FILE", value_parser = named)]
    encrypt_recipients: Option<PathBuf>,
}

impl EncryptionArgs {
    /// The store, written to so.
    pub(crate) fn of(&self, store: &StoreArgs) -> StoreArgs {
        StoreArgs {
            encrypt_recipients: self.encrypt_recipients.clone(),
            ..store.clone()
        }
    }
}

/// A file that is named. Nothing would be encrypted by an empty name, and nobody would hear of it.
pub(super) fn named(text: &str) -> Result<PathBuf, String> {
    match text.is_empty() {
        true => Err(
            "it is empty, and nothing would be encrypted: name a file, or leave the setting out"
                .to_owned(),
        ),
        false => Ok(PathBuf::from(text)),
    }
}
