use std::time::Duration;

use clap::{ArgAction, Args};
use snapstore::EndpointUrl;

use super::StoreArgs;
use super::number::at_least;
use super::provider_name::ProviderName;
use super::restore::go_bool;
use super::store::Role;
use super::time::above_zero;

/// A second store; its credentials are in the variables of its provider with SECONDARY_ before them
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Secondary store")]
pub(crate) struct SecondaryArgs {
    /// Copy all backups to a second store, again and again
    #[arg(long, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", action = ArgAction::Set, value_parser = go_bool, value_name = "BOOL", hide_default_value = true)]
    secondary_backup_sync_enabled: bool,
    /// How often
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = above_zero)]
    pub(crate) secondary_backup_sync_period: Duration,
    /// Its provider, by the names of --storage-provider
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "NAME",
        value_parser = ProviderName,
        hide_possible_values = true
    )]
    secondary_storage_provider: String,
    /// Bucket, container or directory, as --store-container
    #[arg(
        long,
        env = "SECONDARY_STORAGE_CONTAINER",
        default_value = "",
        hide_default_value = true,
        value_name = "NAME"
    )]
    secondary_store_container: String,
    /// Key prefix of the backups
    #[arg(
        long,
        default_value = "",
        hide_default_value = true,
        value_name = "PREFIX"
    )]
    secondary_store_prefix: String,
    /// Custom endpoint URL (default: the provider's own)
    #[arg(long, value_name = "URL")]
    secondary_store_endpoint_override: Option<EndpointUrl>,
    /// Parts of a snapshot in memory and on their way at once
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = |text: &str| at_least(text, 1_u16))]
    pub(crate) secondary_max_parallel_chunk_uploads: u16,
    /// Bytes of a part, at least 5242880
    #[arg(long, value_name = "BYTES", default_value_t = 5 << 20, value_parser = |text: &str| at_least(text, 5_u64 << 20))]
    pub(crate) secondary_min_chunk_size: u64,
    #[arg(long, value_name = "DIR", hide = true)]
    secondary_snapstore_temp_directory: Option<String>,
}

impl SecondaryArgs {
    /// The store that they name, if it is to be copied to. What is of no single store, as the directory of plugins, is that of `own`.
    ///
    /// Errors: it is asked for, and not named.
    pub(crate) fn store(&self, own: &StoreArgs) -> Result<Option<StoreArgs>, String> {
        let is_named = !self.secondary_storage_provider.is_empty();
        match (self.secondary_backup_sync_enabled, is_named) {
            (false, _) => Ok(None),
            (true, false) => Err(
                "--secondary-backup-sync-enabled is given without --secondary-storage-provider: name the second store"
                    .to_owned(),
            ),
            (true, true) => Ok(Some(StoreArgs {
                storage_provider: self.secondary_storage_provider.clone(),
                store_container: self.secondary_store_container.clone(),
                store_prefix: self.secondary_store_prefix.clone(),
                store_endpoint_override: self.secondary_store_endpoint_override.clone(),
                store_addressing_style: None,
                #[cfg(feature = "plugins")]
                plugin: None,
                role: Role::Secondary,
                ..own.clone()
            })),
        }
    }
}
