use std::path::{Path, PathBuf};

use clap::builder::Resettable::Reset;
use clap::{ArgAction, Args, ValueEnum};
use engine::backups::branches::Wanted;
use engine::backups::delta::{HashCheck, LeasePolicy};
use engine::backups::{Reading, Target};
use engine::restore::{Changes, History, Identity, Request};
use jiff::SignedDuration;

use super::number::at_least;
use super::time::duration;
use super::{Inert, LineageArgs, StoreArgs, TargetArgs};
use crate::error::{Error, Result};

/// Flags of `restore`.
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    lineage: LineageArgs,
    #[command(flatten)]
    member: MemberArgs,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    changes: ChangeArgs,
    /// Print what would be done, and change nothing
    #[arg(long, help_heading = Reset)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    _inert: Inert,
}

/// The restored member
#[derive(Debug, Args)]
#[command(next_help_heading = "Member")]
pub(crate) struct MemberArgs {
    /// Data directory to create; one that holds a member is never touched
    #[arg(long, short, value_name = "DIR", default_value = "default.etcd")]
    data_dir: PathBuf,
    /// Name of this member
    #[arg(long, default_value = "default")]
    name: String,
    /// Members of the new cluster: name=url,name=url
    #[arg(
        long,
        default_value = "default=http://localhost:2380",
        value_name = "MEMBERS"
    )]
    initial_cluster: String,
    /// Token of the new cluster, the same for all members
    #[arg(long, default_value = "etcd-cluster", value_name = "TOKEN")]
    initial_cluster_token: String,
    /// Peer URLs of this member, separated by commas or one flag each
    #[arg(
        long,
        default_value = "http://localhost:2380",
        value_delimiter = ',',
        value_name = "URL"
    )]
    initial_advertise_peer_urls: Vec<String>,
}

/// How objects are read
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Reading")]
pub(crate) struct ReadingArgs {
    /// Skip the SHA-256 checks, for damaged backups and for copies of a member's db file
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    skip_hash_check: bool,
    /// Objects fetched and decoded in parallel, at most 64
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = |text: &str| at_least(text, 1_u16))]
    max_fetchers: u16,
    /// Leases of keys that deltas wrote: keep them, or make the keys permanent as etcd-backup-restore does
    #[arg(long, value_enum, default_value_t)]
    leases: LeaseChoice,
}

/// Booleans as Go's flags spell them (`strconv.ParseBool`).
pub(super) fn go_bool(text: &str) -> std::result::Result<bool, String> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err("neither true nor false".into()),
    }
}

/// What becomes of leases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LeaseChoice {
    /// Keys keep their leases
    #[default]
    Keep,
    /// Keys written by deltas lose them
    Drop,
}

/// Changes to the state
#[derive(Debug, Args)]
#[command(next_help_heading = "Changes to the state")]
pub(crate) struct ChangeArgs {
    /// Time to live of a lease of which the backup holds nothing but the id
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = duration, allow_hyphen_values = true)]
    unknown_lease_ttl: SignedDuration,
    /// Add N to the revision, so that it is past every revision that a client has seen
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, value_parser = |text: &str| at_least(text, 0_u64))]
    bump_revision: u64,
    /// Mark older revisions as compacted, so that watching clients list anew
    #[arg(long, conflicts_with = "compact")]
    mark_compacted: bool,
    /// Keep only live keys, in a defragmented file; takes disk space for both files
    #[arg(long)]
    compact: bool,
}

impl ReadingArgs {
    /// Whether hashes are to be passed over.
    pub(super) fn skips_hash_check(&self) -> bool {
        self.skip_hash_check
    }

    pub(crate) fn reading(&self) -> Reading {
        Reading {
            hash: match self.skip_hash_check {
                true => HashCheck::Skipped,
                false => HashCheck::Required,
            },
            leases: match self.leases {
                LeaseChoice::Keep => LeasePolicy::Keep,
                LeaseChoice::Drop => LeasePolicy::Drop,
            },
            fetchers: usize::from(self.max_fetchers),
        }
    }
}

impl ReadingArgs {
    /// How the state that is meant is read: a file need not come from `etcdctl snapshot save`.
    pub(crate) fn reading_of(&self, target: &TargetArgs) -> Reading {
        match target.file() {
            Some(_) => self.reading_of_file(),
            None => self.reading(),
        }
    }

    /// How a file is read.
    pub(crate) fn reading_of_file(&self) -> Reading {
        let mut reading = self.reading();
        if reading.hash == HashCheck::Required {
            reading.hash = HashCheck::WherePresent;
        }
        reading
    }
}

impl MemberArgs {
    pub(super) fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The request to restore `target` as this member.
    pub(crate) fn request(
        &self,
        target: Target,
        reading: &ReadingArgs,
        changes: &ChangeArgs,
    ) -> Result<Request> {
        Ok(Request {
            target,
            lineage: Wanted::Newest,
            data_dir: absolute(&self.data_dir)?,
            over: None,
            salvage: None,
            chosen: None,
            clusters: None,
            authentication: Default::default(),
            other_cluster: Default::default(),
            identity: Identity {
                name: self.name.clone(),
                initial_cluster: self.initial_cluster.clone(),
                token: self.initial_cluster_token.clone(),
                advertised: self.initial_advertise_peer_urls.clone(),
            },
            reading: reading.reading(),
            changes: changes.changes(),
        })
    }
}

/// Relative to where the command runs, whatever a link to it is called.
pub(crate) fn absolute(data_dir: &Path) -> Result<PathBuf> {
    // A path that ends in `..` is a directory that is there, and its name is asked for.
    let named = match data_dir.file_name() {
        Some(_) => std::path::absolute(data_dir),
        None => data_dir.canonicalize(),
    };
    named.map_err(|error| Error::new(format!("--data-dir {}: {error}", data_dir.display())))
}

impl RestoreArgs {
    pub(crate) fn request(&self) -> Result<Request> {
        let target = self.target.target();
        let mut request = self.member.request(target, &self.reading, &self.changes)?;
        request.reading = self.reading.reading_of(&self.target);
        request.lineage = self.lineage.wanted();
        Ok(request)
    }
}

impl ChangeArgs {
    fn changes(&self) -> Changes {
        Changes {
            unknown_lease_ttl: self.unknown_lease_ttl.as_secs(),
            bump_revision: self.bump_revision,
            history: match (self.mark_compacted, self.compact) {
                (_, true) => History::Compacted,
                (true, _) => History::MarkedCompacted,
                _ => History::Kept,
            },
        }
    }
}
