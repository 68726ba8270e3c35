use std::path::PathBuf;

use clap::{Args, Subcommand};
use engine::keys::{Mode, Readers};

use super::StoreArgs;

/// Flags of `keys`.
#[derive(Debug, Args)]
pub(crate) struct StoreKeysArgs {
    #[command(subcommand)]
    pub(crate) what: KeysVerb,
}

/// What is done with the keys of a store.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysVerb {
    /// List the keys of a store, what needs them, and whether they open
    List(ListKeysArgs),
    /// Encrypt the keys of a store for other recipients; no snapshot is written
    Rotate(RotateArgs),
    /// Check that every key is there and opens, and read the newest object of each
    Check(CheckKeysArgs),
}

/// Flags of `keys list`.
#[derive(Debug, Args)]
pub(crate) struct ListKeysArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Flags of `keys check`.
#[derive(Debug, Args)]
pub(crate) struct CheckKeysArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

/// Flags of `keys rotate`.
#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    /// File with the recipients for whom keys are to be, instead of those of before: one public key of age on a line
    #[arg(long, value_name = "FILE", env = "ETCDBRCTL_ENCRYPT_RECIPIENTS", value_parser = super::encryption::named)]
    pub(crate) encrypt_recipients: PathBuf,
    /// Write them; without it only what would be written is printed
    #[arg(long)]
    apply: bool,
    /// The recipients are others: whoever runs this reads no backup afterwards. Without it one of the identities must be that of a
    /// recipient
    #[arg(long)]
    for_others: bool,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
}

impl RotateArgs {
    pub(crate) fn readers(&self) -> Readers {
        match self.for_others {
            true => Readers::Others,
            false => Readers::Ours,
        }
    }

    pub(crate) fn mode(&self) -> Mode {
        match self.apply {
            true => Mode::Apply,
            false => Mode::DryRun,
        }
    }
}
