use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::builder::Resettable::Reset;
use clap::{Args, ValueEnum};
use client::Config;
use engine::backups::Target;
use engine::backups::branches::Wanted;
use engine::keyspace::{Asked, Keys};

use super::restore::ReadingArgs;
use super::source::SourceArgs;
use super::state::{StateWord, state};
use super::{LoginArgs, StoreArgs};

/// Flags of `diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// First state: `latest`, a revision, a time (RFC 3339), the name of a snapshot, a file, or `live`
    #[arg(value_name = "A", value_parser = state)]
    pub(crate) from: StateWord,
    /// Second state: as the first; `live` is the etcd at --endpoints
    #[arg(value_name = "B", value_parser = state)]
    pub(crate) to: StateWord,
    /// Only keys that begin so
    #[arg(long, help_heading = Reset, value_name = "KEY", default_value = "", hide_default_value = true)]
    prefix: OsString,
    /// Without values
    #[arg(long, help_heading = Reset)]
    pub(crate) keys_only: bool,
    /// Also keys with the same value whose revisions, version or lease differ
    #[arg(long, help_heading = Reset)]
    pub(crate) metadata: bool,
    /// Say what Kubernetes wrote instead of printing it: kind, namespace and name
    #[arg(long, help_heading = Reset)]
    pub(crate) decode: bool,
    /// End with exit code 2 if anything is printed
    #[arg(long, help_heading = Reset)]
    pub(crate) exit_code: bool,
    /// Format
    #[arg(long, short, help_heading = Reset, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) write_out: DiffFormat,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    source: SourceArgs,
    /// Lineage that A is taken from, where it is another one than that of B
    #[arg(long, help_heading = "Source", value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    source_lineage: Option<String>,
    /// Lineage that states of the store are taken from, where `etcdbrctl list` shows several [default: the newest]
    #[arg(long, help_heading = "Store", value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    lineage: Option<String>,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Directory for unpacked full snapshots and values, in temporary files without a name
    #[arg(long, value_name = "DIR", env = "TMPDIR", default_value = "/tmp")]
    temp_dir: PathBuf,
    /// Where the etcd of `live` takes requests, separated by commas; one is asked as long as it answers
    #[arg(
        long,
        short = 'e',
        env = "ETCDBRCTL_ENDPOINTS",
        value_name = "URLS",
        value_delimiter = ',',
        default_value = "http://127.0.0.1:2379",
        help_heading = "Etcd"
    )]
    endpoints: Vec<String>,
    #[command(flatten)]
    login: LoginArgs,
}

/// How differences are printed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// A line for each key: `+` added, `-` removed, `M` changed, `U` written again; its values below it
    #[default]
    Simple,
    /// One JSON document; keys and values in base64
    Json,
}

/// A store, and which of its lineages.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) store: StoreArgs,
    pub(crate) lineage: Wanted,
    /// Whether it is the source, whose flags and variables have names of their own.
    pub(crate) is_source: bool,
}

fn wanted(lineage: Option<&String>) -> Wanted {
    match lineage {
        Some(id) => Wanted::Named(id.clone()),
        None => Wanted::Newest,
    }
}

impl DiffArgs {
    pub(crate) fn keys(&self) -> Keys {
        Keys::Prefix(self.prefix.clone().into_vec())
    }

    pub(crate) fn config(&self) -> Result<Config, String> {
        self.login.config(&self.endpoints)
    }

    /// Where the first state is read from: the source, if one is named, else where the second is.
    pub(crate) fn first(&self) -> Place {
        let source = self.source.store(&self.store);
        let is_source = source.is_named() || source.says_where().is_some();
        let of_store = self.lineage.as_ref().filter(|_| !is_source);
        let lineage = self.source_lineage.as_ref().or(of_store);
        Place {
            store: match is_source {
                true => source,
                false => self.store.clone(),
            },
            lineage: wanted(lineage),
            is_source,
        }
    }

    /// Where the second is.
    pub(crate) fn second(&self) -> Place {
        Place {
            store: self.store.clone(),
            lineage: wanted(self.lineage.as_ref()),
            is_source: false,
        }
    }

    /// A state of a store.
    pub(crate) fn asked(&self, target: &Target, lineage: &Wanted) -> Asked {
        Asked {
            target: target.clone(),
            lineage: lineage.clone(),
            reading: self.reading.reading(),
            temp_dir: self.temp_dir.clone(),
        }
    }

    /// A file.
    pub(crate) fn asked_of_file(&self) -> Asked {
        Asked {
            target: Target::Latest,
            lineage: Wanted::Newest,
            reading: self.reading.reading_of_file(),
            temp_dir: self.temp_dir.clone(),
        }
    }
}
