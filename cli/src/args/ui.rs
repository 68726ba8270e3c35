use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use clap::builder::Resettable::Reset;

use super::StoreArgs;
use super::time::above_zero;

/// Flags of `ui`.
#[derive(Debug, Args)]
pub(crate) struct UiArgs {
    /// Directory with backups, short for --storage-provider Local --store-container DIR
    #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub(crate) directory: Option<String>,
    #[command(flatten)]
    store: StoreArgs,
    /// Address and port of this machine to listen on; port 0 takes any that is free
    #[arg(long, help_heading = Reset, value_name = "ADDRESS", default_value = "127.0.0.1:8379")]
    pub(crate) listen: SocketAddr,
    /// How often the store is listed, at most, while somebody looks at the page
    #[arg(long, help_heading = Reset, value_name = "DURATION", default_value = "60s", value_parser = above_zero)]
    pub(crate) refresh_period: Duration,
}

impl UiArgs {
    /// The store that is named, in whatever way.
    pub(crate) fn store(&self) -> StoreArgs {
        match &self.directory {
            Some(directory) => self.store.clone().of_directory(directory),
            None => self.store.clone(),
        }
    }
}
