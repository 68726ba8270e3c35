use clap::builder::Resettable::Reset;
use clap::{Args, ValueEnum};
use engine::snapshot::taking::Task;

use super::gc::RetentionArgs;
use super::{
    DefragmentationArgs, EncryptionArgs, EtcdArgs, InertOfSnapshot, StoreArgs, TakingArgs,
};

/// Flags of `snapshot`.
#[derive(Debug, Args)]
pub(crate) struct SnapshotArgs {
    /// Take one of these and end (default: take fulls and deltas until stopped)
    #[arg(value_enum, value_name = "KIND", help_heading = Reset)]
    kind: Option<One>,
    /// Take one full and end, as for a cron job
    #[arg(long, help_heading = Reset, conflicts_with = "kind")]
    once: bool,
    /// Mark the full as the last of a cluster that is put to sleep or moved
    #[arg(long = "final", help_heading = Reset)]
    is_final: bool,
    #[command(flatten)]
    pub(crate) etcd: EtcdArgs,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) taking: TakingArgs,
    #[command(flatten)]
    pub(crate) encryption: EncryptionArgs,
    #[command(flatten)]
    pub(crate) retention: RetentionArgs,
    #[command(flatten)]
    pub(crate) defragmentation: DefragmentationArgs,
    #[command(flatten)]
    _inert: InertOfSnapshot,
}

/// What is taken once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum One {
    /// One full
    Full,
    /// One delta of what has happened since the last snapshot; a full where no delta can continue it
    Delta,
}

impl SnapshotArgs {
    pub(crate) fn task(&self) -> Result<Task, String> {
        let is_final = self.is_final;
        match (self.kind, self.once) {
            (Some(One::Full), _) | (None, true) => Ok(Task::Full { is_final }),
            _ if is_final => {
                Err("--final applies to fulls only: run `snapshot full --final`".to_owned())
            }
            (Some(One::Delta), _) => Ok(Task::Delta),
            (None, false) => Ok(Task::Follow),
        }
    }
}
