use std::path::{Path, PathBuf};

use clap::Args;
use engine::backups::Target;
use engine::backups::branches::Wanted;
use jiff::Timestamp;

use super::number::at_least;
use super::time::moment;

/// The state that is meant
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Target (default: the newest state)")]
#[group(multiple = false)]
pub(crate) struct TargetArgs {
    /// State at this revision
    #[arg(long, value_name = "REVISION", value_parser = |text: &str| at_least(text, 1_i64))]
    to_revision: Option<i64>,
    /// State at this time, RFC 3339 with an offset from UTC: 2026-11-22T09:13:06Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    to_time: Option<Timestamp>,
    /// State of this full snapshot, or of the chain up to the end of this delta
    #[arg(long, value_name = "NAME")]
    snapshot: Option<String>,
    /// State of this file: from `etcdctl snapshot save`, k3s, RKE2 or kubeadm, or a copied db; also compressed (gzip, zip, zstd)
    #[arg(long, value_name = "PATH")]
    from_file: Option<PathBuf>,
}

/// The history that is meant
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Target (default: the newest state)")]
pub(crate) struct LineageArgs {
    /// Lineage to take it from, where `etcdbrctl list` shows several: its id or the beginning of that, or "unknown"
    /// for backups without metadata [default: the newest]
    #[arg(long = "lineage", value_name = "ID", conflicts_with = "from_file", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    lineage: Option<String>,
}

impl LineageArgs {
    pub(crate) fn wanted(&self) -> Wanted {
        match &self.lineage {
            Some(id) => Wanted::Named(id.clone()),
            None => Wanted::Newest,
        }
    }
}

impl TargetArgs {
    /// The file that is meant instead of a store.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.from_file.as_deref()
    }

    pub(crate) fn target(&self) -> Target {
        match (self.to_revision, self.to_time, &self.snapshot) {
            (Some(revision), ..) => Target::Revision(revision),
            (_, Some(time), _) => Target::Time(time),
            (_, _, Some(name)) => Target::Snapshot(name.clone()),
            _ => Target::Latest,
        }
    }
}
