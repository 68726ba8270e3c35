use clap::Args;
use engine::backups::Target;
use jiff::Timestamp;

/// Which state
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Which state (default: the newest)")]
#[group(multiple = false)]
pub(crate) struct TargetArgs {
    /// As it was when this revision had been written
    #[arg(long, value_name = "REVISION", value_parser = clap::value_parser!(i64).range(1..))]
    to_revision: Option<i64>,
    /// As it was at this time, RFC 3339: 2026-11-22T09:13:06Z
    #[arg(long, value_name = "TIME")]
    to_time: Option<Timestamp>,
    /// Exactly this full snapshot, or the chain up to the end of this delta
    #[arg(long, value_name = "NAME")]
    snapshot: Option<String>,
}

impl TargetArgs {
    pub(crate) fn target(&self) -> Target {
        match (self.to_revision, self.to_time, &self.snapshot) {
            (Some(revision), ..) => Target::Revision(revision),
            (_, Some(time), _) => Target::Time(time),
            (_, _, Some(name)) => Target::Snapshot(name.clone()),
            _ => Target::Latest,
        }
    }
}
