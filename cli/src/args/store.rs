use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use jiff::SignedDuration;
use snapstore::{AddressingStyle, EndpointUrl, Environment, StoreConfig};

/// Where the backups are
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Store")]
pub(crate) struct StoreArgs {
    /// Kind of store: Local, S3, GCS, ABS, Swift, OSS, ECS, OCS (docs/providers.md)
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "NAME"
    )]
    pub(crate) storage_provider: String,
    /// Bucket, container or directory; relative directories stand under $HOME, else here
    #[arg(
        long,
        env = "STORAGE_CONTAINER",
        default_value = "",
        hide_default_value = true,
        value_name = "NAME"
    )]
    pub(crate) store_container: String,
    /// What the backups of this cluster are put under
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "PREFIX"
    )]
    pub(crate) store_prefix: String,
    /// Another address than the provider's own
    #[arg(long, value_name = "URL")]
    pub(crate) store_endpoint_override: Option<EndpointUrl>,
    /// Where the bucket stands in an address of S3 or OSS: `path` or `virtual` (before the host)
    #[arg(long, env = "STORAGE_ADDRESSING_STYLE", value_name = "STYLE")]
    pub(crate) store_addressing_style: Option<AddressingStyle>,
    /// A store in a shared library (docs/plugins.md); --storage-provider is then its name for you
    #[cfg(feature = "plugins")]
    #[arg(long, value_name = "PATH")]
    pub(crate) plugin: Option<PathBuf>,
    /// Where a provider that is not built in is looked for, as lib<provider>.so in lower case
    #[cfg(feature = "plugins")]
    #[arg(long, env = "ETCDBRCTL_PLUGIN_DIR", value_name = "DIR")]
    pub(crate) plugin_dir: Option<PathBuf>,
    /// Stop when the run takes longer than this, as SIGTERM does, and end 20 s later if it has not
    /// stopped; never, if it is not said
    #[arg(long, value_name = "DURATION", value_parser = above_zero)]
    pub(crate) timeout: Option<Duration>,
    #[arg(long, env = "HOME", hide = true)]
    home: Option<PathBuf>,
}

fn above_zero(text: &str) -> Result<Duration, String> {
    let wrong = |why: &str| format!("{why}; durations are written 90s, 5m, 1h30m");
    if text == "0" {
        return Err(wrong("it must be above zero"));
    }
    let signed: SignedDuration = text.parse().map_err(|_| wrong("no duration"))?;
    match Duration::try_from(signed) {
        Ok(above) if !above.is_zero() => Ok(above),
        _ => Err(wrong("it must be above zero")),
    }
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

    /// The same, but the store is this directory, which stands where it would for any other program.
    pub(crate) fn of_directory(self, directory: &Path) -> Self {
        let absolute = std::path::absolute(directory);
        let absolute = absolute.unwrap_or_else(|_| directory.to_owned());
        Self {
            storage_provider: "Local".to_owned(),
            store_container: absolute.to_string_lossy().into_owned(),
            ..self
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
            home: self.home.clone(),
            working_directory: std::env::current_dir().ok(),
            environment: environment(),
        }
    }
}

/// The variables of the process. One whose value is no UTF-8 is none of ours.
fn environment() -> Environment {
    let text = |value: OsString| value.into_string().ok();
    Environment::new(
        std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))),
    )
}
