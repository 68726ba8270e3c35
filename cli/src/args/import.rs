use std::path::PathBuf;

use clap::Args;
use clap::builder::Resettable::Reset;
use engine::backups::Compression;
use engine::backups::encoder::Level;
use engine::import::{Hash, Mode, Newest, Request};
use engine::snapshot::Arrival;
use jiff::Timestamp;
use snapstore::Sending;

use super::compression::PolicyName;
use super::time::moment;
use super::{EncryptionArgs, StoreArgs};
use crate::clock::now;

/// Flags of `import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Snapshot of etcdctl, etcdutl, k3s, RKE2, Talos, OpenShift or kubeadm; also compressed with gzip, zip or zstd
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// When it was taken, RFC 3339 with an offset from UTC (default: when FILE was last written)
    #[arg(long, help_heading = Reset, value_name = "TIME", value_parser = moment)]
    time: Option<Timestamp>,
    /// Let it be the newest state of a store that has another
    #[arg(long, help_heading = Reset)]
    as_newest: bool,
    /// Take a file that does not end with its SHA-256, as the copy of a member's db: whether a value of it was changed
    /// nobody can know
    #[arg(long, help_heading = Reset)]
    without_hash: bool,
    /// Print what would be done, and change nothing
    #[arg(long, help_heading = Reset)]
    dry_run: bool,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) encryption: EncryptionArgs,
    /// Compress the full (default: not at all)
    #[arg(long, help_heading = "The new full", value_enum, value_name = "POLICY")]
    compression_policy: Option<PolicyName>,
    /// How hard gzip, zlib and zstd try, from 1 (fast) to 9 (small)
    #[arg(long, help_heading = "The new full", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=9))]
    compression_level: u32,
    /// Read it back before it counts as stored
    #[arg(long, help_heading = "The new full")]
    read_back: bool,
    /// Directory for the unpacked snapshot, in a temporary file without a name
    #[arg(
        long,
        help_heading = "The new full",
        value_name = "DIR",
        env = "TMPDIR",
        default_value = "/tmp"
    )]
    temp_dir: PathBuf,
}

impl ImportArgs {
    /// What is asked for. `threads`: for what can be compressed on several.
    pub(crate) fn request(&self, threads: usize) -> Request {
        Request {
            hash: match self.without_hash {
                true => Hash::MayBeMissing,
                false => Hash::Required,
            },
            time: self.time,
            now: now(),
            newest: match self.as_newest {
                true => Newest::MayBeReplaced,
                false => Newest::Stays,
            },
            temp_dir: self.temp_dir.clone(),
            compression: self
                .compression_policy
                .map_or(Compression::None, PolicyName::compression),
            level: Level::new(self.compression_level).unwrap_or_default(),
            threads,
            sending: Sending::default(),
            arrival: match self.read_back {
                true => Arrival::ReadBack,
                false => Arrival::Size,
            },
            tool: format!("etcdbrctl {}", env!("CARGO_PKG_VERSION")),
            mode: match self.dry_run {
                true => Mode::DryRun,
                false => Mode::Store,
            },
        }
    }
}
