use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use clap::builder::Resettable::Reset;
use engine::drill;
use engine::restore::{Changes, History, Identity, Request};

use super::restore::ReadingArgs;
use super::time::above_zero;
use super::{LineageArgs, LoginArgs, StoreArgs, TargetArgs};

/// Where the member of a drill would be found by others, of which there are none.
const PEER: &str = "http://localhost:2380";

/// Seconds for a lease of which nothing but the name is known: none expires meanwhile.
const LEASE_TTL: i64 = 24 * 60 * 60;

/// Flags of `drill`.
#[derive(Debug, Args)]
pub(crate) struct DrillArgs {
    /// Start this etcd on what was restored; without it the database is read without an etcd
    #[arg(long, help_heading = Reset, value_name = "PATH", value_hint = clap::ValueHint::FilePath)]
    pub(crate) etcd: Option<PathBuf>,
    /// How long it may take to serve
    #[arg(long, help_heading = Reset, value_name = "DURATION", default_value = "5m", value_parser = above_zero)]
    etcd_start_timeout: Duration,
    /// Keys that are compared one by one
    #[arg(long, help_heading = Reset, value_name = "N", default_value_t = 100)]
    sample: usize,
    /// Write the report here, as JSON; the log of etcd stands beside it, in FILE.etcd.log
    #[arg(long, help_heading = Reset, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) report: Option<PathBuf>,
    /// Directory in which a directory for what is restored is made, and removed again
    #[arg(long, help_heading = Reset, value_name = "DIR", env = "TMPDIR", default_value = "/tmp")]
    pub(crate) scratch_dir: PathBuf,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    lineage: LineageArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) live: LiveArgs,
}

/// The cluster that the backups are of
#[derive(Debug, Args)]
#[command(next_help_heading = "Etcd")]
pub(crate) struct LiveArgs {
    /// Compare with this cluster as well. It reads its database for the hash, and writers wait meanwhile: name a follower
    #[arg(
        long,
        short = 'e',
        env = "ETCDBRCTL_ENDPOINTS",
        value_name = "URLS",
        value_delimiter = ','
    )]
    pub(crate) endpoints: Vec<String>,
    #[command(flatten)]
    pub(crate) login: LoginArgs,
}

impl DrillArgs {
    /// What is restored into `data_dir`, as a cluster that no other can be taken for: `token` is its own.
    pub(crate) fn request(&self, data_dir: &Path, token: &str) -> drill::Request {
        let restore = Request {
            target: self.target.target(),
            lineage: self.lineage.wanted(),
            data_dir: data_dir.to_owned(),
            over: None,
            salvage: None,
            chosen: None,
            clusters: None,
            authentication: Default::default(),
            other_cluster: Default::default(),
            identity: Identity {
                name: "drill".to_owned(),
                initial_cluster: format!("drill={PEER}"),
                token: token.to_owned(),
                advertised: vec![PEER.to_owned()],
            },
            reading: self.reading.reading_of(&self.target),
            changes: Changes {
                unknown_lease_ttl: LEASE_TTL,
                bump_revision: 0,
                history: History::Kept,
            },
        };
        drill::Request {
            restore,
            sample: self.sample,
            start: self.etcd_start_timeout,
        }
    }
}
