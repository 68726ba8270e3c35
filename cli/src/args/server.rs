use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::Resettable::Reset;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command};
use engine::backups::Target;
use engine::initialize::{ClusterState, Request};
use engine::validate::{Mode, ServerVersion, Servers};

use super::initialize::validation;
use super::leases::{MemberLeaseArgs, SnapshotLeaseArgs};
use super::replacing::ReplacingArgs;
use super::restore::{ChangeArgs, MemberArgs, ReadingArgs, absolute, go_bool};
use super::secondary::SecondaryArgs;
use super::time::above_zero;
use super::{
    DefragmentationArgs, EncryptionArgs, EtcdArgs, InertOfServer, RetentionArgs, StoreArgs,
    TakingArgs,
};
use crate::error::Result;

/// Flags of `server`.
#[derive(Debug, Args)]
pub(crate) struct ServerArgs {
    /// YAML file with these settings, in the reference's sections; a flag that is given counts for more
    #[arg(long, value_name = "FILE", help_heading = Reset)]
    config_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) http: HttpArgs,
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
    pub(crate) role: RoleArgs,
    #[command(flatten)]
    pub(crate) member: MemberArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    changes: ChangeArgs,
    #[command(flatten)]
    replacing: ReplacingArgs,
    #[command(flatten)]
    pub(crate) validation: ValidationArgs,
    #[command(flatten)]
    pub(crate) secondary: SecondaryArgs,
    #[command(flatten)]
    pub(crate) snapshot_leases: SnapshotLeaseArgs,
    #[command(flatten)]
    pub(crate) member_lease: MemberLeaseArgs,
    #[command(flatten)]
    _inert: InertOfServer,
}

/// Who is answered, and how
#[derive(Debug, Args)]
#[command(next_help_heading = "HTTP")]
pub(crate) struct HttpArgs {
    /// Port to listen on
    #[arg(long, short = 'p', value_name = "PORT", default_value_t = 8080)]
    pub(crate) server_port: u16,
    /// Address and port to listen on, instead of every address (127.0.0.1:8080)
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Certificate of this server (PEM), read again when it changes; with it and its key it speaks TLS
    #[arg(
        long,
        value_name = "FILE",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) server_cert: String,
    /// The key of that certificate (PEM)
    #[arg(
        long,
        value_name = "FILE",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) server_key: String,
    /// Show people at `/` what can be restored and what is wrong
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL")]
    pub(crate) status_page: bool,
    /// How often the store is listed for that page, at most, and only while somebody looks at it
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = above_zero)]
    pub(crate) status_page_period: Duration,
    /// Report that drills leave (drill --report), to show on that page what the last one came to
    #[arg(long, value_name = "FILE")]
    pub(crate) drill_report: Option<PathBuf>,
    /// Who may ask for an initialization and for etcd's configuration
    #[arg(long, value_enum, value_name = "PEERS", default_value_t)]
    pub(crate) initialization_from: PeersChoice,
    /// File with a token that whoever asks for a snapshot must send (Authorization: Bearer)
    #[arg(long, value_name = "FILE")]
    pub(crate) trigger_token_file: Option<PathBuf>,
    /// Certificates (PEM) one of which must have signed that of whoever asks for a snapshot
    #[arg(long, value_name = "FILE")]
    pub(crate) trigger_client_ca: Option<PathBuf>,
    /// Certificate (PEM) shown to the sidecar that leads, where that asks for one (default: --server-cert)
    #[arg(long, value_name = "FILE", requires = "trigger_key")]
    pub(crate) trigger_cert: Option<PathBuf>,
    /// The key of that certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "trigger_cert")]
    pub(crate) trigger_key: Option<PathBuf>,
    /// Certificates (PEM) that those of the other sidecars are signed by (default: --cacert)
    #[arg(long, value_name = "FILE")]
    pub(crate) server_cacert: Option<PathBuf>,
}

/// Which peers are answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PeersChoice {
    /// Those of this machine or pod
    #[default]
    Loopback,
    /// All
    Any,
}

/// Which member takes backups, and its etcd
#[derive(Debug, Args)]
#[command(next_help_heading = "Role")]
pub(crate) struct RoleArgs {
    /// How often etcd is asked who leads
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = above_zero)]
    pub(crate) reelection_period: Duration,
    /// How long that question may take
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = above_zero)]
    pub(crate) etcd_connection_timeout_leader_election: Duration,
    /// Where any member of the cluster answers, separated by commas (default: the client URLs that etcd's configuration
    /// advertises)
    #[arg(long, value_name = "URLS", value_delimiter = ',')]
    pub(crate) service_endpoints: Vec<String>,
    /// etcd is started by etcd-wrapper, which is told to stop it when its peer URLs change
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    pub(crate) use_etcd_wrapper: bool,
}

/// How a data directory is judged
#[derive(Debug, Args)]
#[command(next_help_heading = "Validation")]
pub(crate) struct ValidationArgs {
    /// The etcd version that will start on the directory, such as 3.5.35. Without it, only what all versions
    /// make of the WAL counts as certain
    #[arg(long, value_name = "VERSION")]
    etcd_version: Option<ServerVersion>,
    #[arg(long, env = "POD_NAMESPACE", hide = true)]
    pub(crate) pod_namespace: Option<String>,
    /// Name of the pod: that of its member in etcd's configuration, after member-name-prefix where there is one
    #[arg(long, env = "POD_NAME", value_name = "NAME")]
    pub(crate) pod_name: Option<String>,
    /// etcd's configuration
    #[arg(
        long,
        env = "ETCD_CONF",
        value_name = "FILE",
        default_value = "/var/etcd/config/etcd.conf.yaml"
    )]
    pub(crate) etcd_conf: PathBuf,
}

impl ServerArgs {
    /// Whether any lease is to be renewed.
    pub(crate) fn wants_leases(&self) -> bool {
        let (snapshots, member) = (&self.snapshot_leases, &self.member_lease);
        snapshots.enable_snapshot_lease_renewal || member.enable_member_lease_renewal
    }

    /// The data directory, by its absolute path.
    pub(crate) fn data_dir(&self) -> Result<PathBuf> {
        absolute(self.member.data_dir())
    }

    /// How the data directory is initialized.
    pub(crate) fn initialization(&self, mode: Mode) -> Result<Request> {
        let restore = self
            .member
            .request(Target::Latest, &self.reading, &self.changes)?;
        let namespace = self.validation.pod_namespace.as_deref();
        let servers = self
            .validation
            .etcd_version
            .map_or(Servers::Any, Servers::Only);
        let validation = validation(restore.data_dir.clone(), namespace, mode, servers);
        let state = ClusterState::Unspecified;
        Ok(self.replacing.request(validation, restore, state))
    }
}

/// Whether a flag has its default.
pub(crate) fn is_default(matches: &ArgMatches, flag: &str) -> bool {
    matches.value_source(flag) == Some(ValueSource::DefaultValue)
}

/// Flags that mean something else here than with other commands.
pub(super) fn with_own_defaults(server: Command) -> Command {
    let of_config = "etcd's configuration says it";
    let told = |arg: Arg, help: &'static str| {
        let help = format!("{help} (default: {of_config})");
        arg.help(help).hide_default_value(true)
    };
    server
        // What collects the logs of a cluster reads them so.
        .mut_arg("log_format", |arg| arg.default_value("logfmt"))
        // As the reference's sidecar has it.
        .mut_arg("defragmentation_schedule", |arg| {
            arg.help("When the members of etcd are defragmented, never while a full is taken")
                .default_value("0 0 */3 * *")
        })
        .mut_arg("data_dir", |arg| {
            arg.help("Data directory that etcd will start on: left as it is, or restored")
        })
        .mut_arg("name", |arg| told(arg, "Name of this member"))
        .mut_arg("initial_cluster", |arg| {
            told(arg, "Members of the cluster that is restored: name=url,name=url")
        })
        .mut_arg("initial_cluster_token", |arg| {
            told(arg, "Token of the cluster that is restored")
        })
        .mut_arg("initial_advertise_peer_urls", |arg| {
            told(arg, "Peer URLs of this member, separated by commas or one flag each")
        })
        .mut_arg("endpoints", |arg| {
            arg.help("Where the etcd beside this sidecar takes requests, and after it others, separated by commas")
        })
        .mut_arg("storage_provider", |arg| {
            arg.help(
                "Storage provider: Local, S3, GCS, ABS, Swift, OSS, ECS or OCS (docs/providers.md); without one there \
                 are no backups",
            )
        })
}
