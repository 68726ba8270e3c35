use std::path::PathBuf;

use clap::Args;
use clap::builder::Resettable::Reset;
use client::Config;
use engine::extract::{Changed, Extra, Mode, OtherCluster, Rules};
use engine::keyspace::Asked;

use super::restore::ReadingArgs;
use super::{KeysArgs, LineageArgs, LoginArgs, StoreArgs, TargetArgs};

/// Flags of `extract`.
#[derive(Debug, Args)]
pub(crate) struct ExtractArgs {
    #[command(flatten)]
    pub(crate) keys: KeysArgs,
    /// Write to etcd; without it only what would be written is printed
    #[arg(long, help_heading = Reset, requires = "to", conflicts_with = "to_file")]
    apply: bool,
    /// Also give keys that hold something else now the value of the backup
    #[arg(long, help_heading = Reset, requires = "to")]
    overwrite: bool,
    /// Also delete keys that the backup does not have
    #[arg(long, help_heading = Reset, requires = "to")]
    delete_extra: bool,
    /// Write the changes as a shell script for etcdctl to this new file; without --to each key that does not exist then
    #[arg(long, help_heading = Reset, value_name = "PATH")]
    pub(crate) to_file: Option<PathBuf>,
    /// Say what Kubernetes wrote: kind, namespace and name
    #[arg(long, help_heading = Reset)]
    pub(crate) decode: bool,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    lineage: LineageArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Directory for the unpacked full snapshot and values, in temporary files without a name
    #[arg(long, value_name = "DIR", env = "TMPDIR", default_value = "/tmp")]
    temp_dir: PathBuf,
    /// Where the etcd that keys are put back into takes requests, separated by commas; needed without --to-file
    #[arg(
        long,
        visible_alias = "to-endpoint",
        value_name = "URLS",
        value_delimiter = ',',
        required_unless_present = "to_file",
        help_heading = "Etcd"
    )]
    to: Vec<String>,
    /// Put keys into a cluster that the backup is not of
    #[arg(long, help_heading = "Etcd", requires = "to")]
    allow_other_cluster: bool,
    #[command(flatten)]
    login: LoginArgs,
}

impl ExtractArgs {
    pub(crate) fn asked(&self) -> Asked {
        Asked {
            target: self.target.target(),
            lineage: self.lineage.wanted(),
            reading: self.reading.reading_of(&self.target),
            temp_dir: self.temp_dir.clone(),
        }
    }

    /// The etcd that is compared with, and written to.
    pub(crate) fn etcd(&self) -> Result<Option<Config>, String> {
        match self.to.is_empty() {
            true => Ok(None),
            false => self.login.config(&self.to).map(Some),
        }
    }

    pub(crate) fn mode(&self) -> Mode {
        match self.apply {
            true => Mode::Apply,
            false => Mode::Plan,
        }
    }

    pub(crate) fn rules(&self) -> Rules {
        Rules {
            changed: match self.overwrite {
                true => Changed::Overwrite,
                false => Changed::Leave,
            },
            extra: match self.delete_extra {
                true => Extra::Delete,
                false => Extra::Leave,
            },
        }
    }

    pub(crate) fn other_cluster(&self) -> OtherCluster {
        match self.allow_other_cluster {
            true => OtherCluster::Allow,
            false => OtherCluster::Refuse,
        }
    }
}
