use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgAction, Args};
use snapstore::{AddressingStyle, EndpointUrl, Environment, StoreConfig};

use super::provider_name::ProviderName;
use super::time::above_zero;

/// Which of the stores of a command it is: two of one provider find their credentials by variables of other names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Role {
    /// The one that most commands have.
    #[default]
    Own,
    /// What a copy reads: its variables begin with `SOURCE_`.
    Source,
    /// What a sidecar copies to: its variables begin with `SECONDARY_`.
    Secondary,
}

/// Where the backups are
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Store")]
pub(crate) struct StoreArgs {
    /// Storage provider: Local, S3, GCS, ABS, Swift, OSS, ECS or OCS (docs/providers.md); Local if none is
    /// given
    #[arg(
        long,
        env = "STORAGE_PROVIDER",
        default_value = "",
        hide_default_value = true,
        value_name = "NAME",
        value_parser = ProviderName,
        hide_possible_values = true
    )]
    pub(crate) storage_provider: String,
    /// Bucket, container or directory (default: default.bkp). A relative directory is looked for under $HOME,
    /// then under the working directory; one that begins with ./ or ../ is in the working directory
    #[arg(
        long,
        env = "STORAGE_CONTAINER",
        default_value = "",
        hide_default_value = true,
        value_name = "NAME"
    )]
    pub(crate) store_container: String,
    /// Key prefix of this cluster's backups
    #[arg(
        long,
        env = "STORAGE_PREFIX",
        default_value = "",
        hide_default_value = true,
        value_name = "PREFIX"
    )]
    pub(crate) store_prefix: String,
    /// Custom endpoint URL (default: the provider's own)
    #[arg(long, env = "STORAGE_ENDPOINT_OVERRIDE", value_name = "URL")]
    pub(crate) store_endpoint_override: Option<EndpointUrl>,
    /// Bucket addressing of S3 and OSS: `path`, or `virtual` for the bucket in the host name
    #[arg(long, env = "STORAGE_ADDRESSING_STYLE", value_name = "STYLE")]
    pub(crate) store_addressing_style: Option<AddressingStyle>,
    /// Shared library with a store of your own (docs/plugins.md), which is given the --storage-provider
    #[cfg(feature = "plugins")]
    #[arg(long, env = "ETCDBRCTL_PLUGIN", value_name = "PATH")]
    pub(crate) plugin: Option<PathBuf>,
    /// Directory of plugins: a provider that is not built in is looked for as lib<provider>.so, in lower
    /// case
    #[cfg(feature = "plugins")]
    #[arg(long, env = "ETCDBRCTL_PLUGIN_DIR", value_name = "DIR")]
    pub(crate) plugin_dir: Option<PathBuf>,
    /// File with identities of age that open encrypted backups; several: separated by commas, or one flag for each
    #[arg(
        long,
        env = "ETCDBRCTL_IDENTITY",
        value_name = "FILE",
        value_delimiter = ',',
        action = ArgAction::Append,
        help_heading = "Encryption"
    )]
    pub(crate) identity: Vec<PathBuf>,
    /// For whom is encrypted what is written: of those commands that write.
    #[arg(skip)]
    pub(crate) encrypt_recipients: Option<PathBuf>,
    /// Stop after this long, as on SIGTERM, and exit 20 s later at the latest (default: no limit)
    #[arg(long, env = "ETCDBRCTL_TIMEOUT", value_name = "DURATION", value_parser = above_zero, allow_hyphen_values = true)]
    pub(crate) timeout: Option<Duration>,
    #[arg(skip)]
    pub(crate) role: Role,
}

impl StoreArgs {
    /// Whether any store is named. Here no provider means Local, so the container counts as well.
    pub(crate) fn is_named(&self) -> bool {
        #[cfg(feature = "plugins")]
        if self.plugin.is_some() {
            return true;
        }
        !self.storage_provider.is_empty() || !self.store_container.is_empty()
    }

    /// Whether a provider is named: for a sidecar, no provider means no backups, as in the reference.
    pub(crate) fn is_provider_named(&self) -> bool {
        #[cfg(feature = "plugins")]
        if self.plugin.is_some() {
            return true;
        }
        !self.storage_provider.is_empty()
    }

    /// The same, but the store is this directory, by the rule of `--store-container`.
    pub(crate) fn of_directory(self, directory: &str) -> Self {
        Self {
            storage_provider: "Local".to_owned(),
            store_container: directory.to_owned(),
            #[cfg(feature = "plugins")]
            plugin: None,
            ..self
        }
    }

    /// The store that a file is read from: the directory that it is in, by its absolute path.
    pub(crate) fn around_file(&self, directory: &Path) -> Self {
        Self {
            store_prefix: String::new(),
            store_endpoint_override: None,
            ..self.clone().of_directory(&directory.to_string_lossy())
        }
    }

    /// A flag that says where in a store to look, and so that there is one.
    pub(crate) fn says_where(&self) -> Option<&'static str> {
        match (self.store_prefix.as_str(), &self.store_endpoint_override) {
            ("", None) => None,
            ("", Some(_)) => Some("--store-endpoint-override"),
            _ => Some("--store-prefix"),
        }
    }

    pub(crate) fn config(&self) -> StoreConfig {
        StoreConfig {
            container: self.store_container.clone(),
            prefix: self.store_prefix.clone(),
            endpoint_override: self.store_endpoint_override.clone(),
            addressing_style: self.store_addressing_style,
            home: home(),
            working_directory: std::env::current_dir().ok(),
            environment: match self.role {
                Role::Own => environment(),
                Role::Source => environment().of_source(),
                Role::Secondary => environment().of_secondary(),
            },
        }
    }
}

/// The home directory. A variable that is set to nothing is not set.
fn home() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    home.map(PathBuf::from)
}

/// The variables of the process. One whose value is no UTF-8 is none of ours.
fn environment() -> Environment {
    let text = |value: OsString| value.into_string().ok();
    Environment::new(
        std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))),
    )
}
