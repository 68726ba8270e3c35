#[cfg(feature = "plugins")]
use std::path::PathBuf;

use clap::Args;
use snapstore::{AddressingStyle, EndpointUrl};

use super::StoreArgs;
use super::provider_name::ProviderName;
use super::store::Role;

/// Where backups are copied from; its credentials are in the variables of its provider with SOURCE_ before them
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Source")]
pub(super) struct SourceArgs {
    /// Storage provider, by the names of --storage-provider; Local if none is given
    #[arg(
        long,
        env = "SOURCE_STORAGE_PROVIDER",
        default_value = "",
        hide_default_value = true,
        value_name = "NAME",
        value_parser = ProviderName,
        hide_possible_values = true
    )]
    source_storage_provider: String,
    /// Bucket, container or directory, as --store-container
    #[arg(
        long,
        env = "SOURCE_STORAGE_CONTAINER",
        default_value = "",
        hide_default_value = true,
        value_name = "NAME"
    )]
    source_store_container: String,
    /// Key prefix of the backups
    #[arg(
        long,
        env = "SOURCE_STORAGE_PREFIX",
        default_value = "",
        hide_default_value = true,
        value_name = "PREFIX"
    )]
    source_store_prefix: String,
    /// Custom endpoint URL (default: the provider's own)
    #[arg(long, env = "SOURCE_STORAGE_ENDPOINT_OVERRIDE", value_name = "URL")]
    source_store_endpoint_override: Option<EndpointUrl>,
    /// Bucket addressing of S3 and OSS: `path` or `virtual`
    #[arg(long, env = "SOURCE_STORAGE_ADDRESSING_STYLE", value_name = "STYLE")]
    source_store_addressing_style: Option<AddressingStyle>,
    /// Shared library with a store of your own, which is given the --source-storage-provider
    #[cfg(feature = "plugins")]
    #[arg(long, env = "SOURCE_ETCDBRCTL_PLUGIN", value_name = "PATH")]
    source_plugin: Option<PathBuf>,
}

impl SourceArgs {
    /// The store that they name. What is of no single store, as the directory of plugins, is that of `destination`.
    pub(super) fn store(&self, destination: &StoreArgs) -> StoreArgs {
        StoreArgs {
            storage_provider: self.source_storage_provider.clone(),
            store_container: self.source_store_container.clone(),
            store_prefix: self.source_store_prefix.clone(),
            store_endpoint_override: self.source_store_endpoint_override.clone(),
            store_addressing_style: self.source_store_addressing_style,
            #[cfg(feature = "plugins")]
            plugin: self.source_plugin.clone(),
            role: Role::Source,
            ..destination.clone()
        }
    }
}
