//! The providers in this build: a plain list, nothing registers itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use snapstore::clock::{Clock, SystemClock};
use snapstore::layers;
use snapstore::{Provider, Result as StoreResult, Snapstore};

use crate::args::StoreArgs;
use crate::error::{Error, Result};

/// The table of all providers, one line for each crate: the feature that builds it in, and its names
/// as `--storage-provider` takes them.
macro_rules! providers {
    ($($feature:literal => $krate:ident { $($name:literal: $provider:ident),+ })+) => {
        /// What is built in.
        const PROVIDERS: &[Provider] = &[
            $($(#[cfg(feature = $feature)] $krate::$provider,)+)+
        ];

        /// What there is, and the feature that builds it in.
        const FEATURES: &[(&str, &str)] = &[$($(($name, $feature),)+)+];
    };
}

providers! {
    "local" => snapstore_local { "Local": PROVIDER }
    "s3" => snapstore_s3 { "S3": PROVIDER, "ECS": ECS, "OCS": OCS }
    "gcs" => snapstore_gcs { "GCS": PROVIDER }
    "abs" => snapstore_abs { "ABS": PROVIDER }
    "swift" => snapstore_swift { "Swift": PROVIDER }
    "oss" => snapstore_oss { "OSS": PROVIDER }
}

/// The names of the providers in this build.
pub(crate) fn built_in() -> impl Iterator<Item = &'static str> {
    PROVIDERS.iter().map(|provider| provider.name)
}

/// Opens the store that the flags name; no provider means `Local`, as in the reference. It retries,
/// resumes and keeps deadlines, opening included; `seed` spreads the waits.
pub(crate) async fn open(args: &StoreArgs, seed: u64) -> Result<Arc<dyn Snapstore>> {
    let name = match args.storage_provider.as_str() {
        "" => "Local",
        name => name,
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let opened = match plugin(name, args) {
        Some(Err(error)) => Err(error),
        Some(Ok(path)) => layers::open(|| load(&path, args), &clock, seed).await,
        None => {
            let known = PROVIDERS.iter().find(|provider| provider.name == name);
            let provider = known.ok_or_else(|| Error::new(unknown(name)))?;
            layers::open(|| (provider.open)(args.config()), &clock, seed).await
        }
    };
    opened.map_err(|error| Error::new(format!("cannot open the {name} store: {error}")))
}

/// What would bring the provider `name`.
fn unknown(name: &str) -> String {
    let built: Vec<_> = PROVIDERS.iter().map(|provider| provider.name).collect();
    let built = match built.as_slice() {
        [] => "none at all".to_owned(),
        names => names.join(", "),
    };
    let known = |(known, _): &&(&str, &str)| known.eq_ignore_ascii_case(name);
    match FEATURES.iter().find(known) {
        Some((known, _)) if *known != name => {
            format!("no storage provider {name:?}: it is spelled {known:?}")
        }
        Some((_, feature)) => format!(
            "the storage provider {name} is not in this build, which has {built}; build it in \
             with --features {feature}, or put a plugin for it into --plugin-dir"
        ),
        None => format!(
            "no storage provider {name:?}; this build has {built}, and a store of your own is \
             loaded with --plugin or from --plugin-dir (docs/plugins.md)"
        ),
    }
}

/// The plugin that the flags name, or that stands for a provider which is not built in.
#[cfg(feature = "plugins")]
fn plugin(name: &str, args: &StoreArgs) -> Option<StoreResult<PathBuf>> {
    let built_in = PROVIDERS.iter().any(|provider| provider.name == name);
    match (&args.plugin, &args.plugin_dir) {
        (Some(path), _) => Some(Ok(path.clone())),
        (None, Some(dir)) if !built_in => snapstore_plugin::find(dir, name).transpose(),
        _ => None,
    }
}

#[cfg(feature = "plugins")]
async fn load(path: &Path, args: &StoreArgs) -> StoreResult<Arc<dyn Snapstore>> {
    let options = snapstore_plugin::Options::default();
    snapstore_plugin::load(path, &args.config(), options).await
}

#[cfg(not(feature = "plugins"))]
fn plugin(_name: &str, _args: &StoreArgs) -> Option<StoreResult<PathBuf>> {
    None
}

/// Nothing names a plugin in such a build.
#[cfg(not(feature = "plugins"))]
async fn load(_path: &Path, _args: &StoreArgs) -> StoreResult<Arc<dyn Snapstore>> {
    let message = "this build loads no plugins";
    Err(snapstore::Error::new(
        snapstore::ErrorKind::Unsupported,
        "open",
        message,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names stood in two lists, and one that was added to one of them alone was "no storage
    /// provider" in a build without it.
    #[test]
    fn every_provider_bears_the_name_of_its_line() {
        assert!(!FEATURES.is_empty());
        let line = |provider: &Provider| FEATURES.iter().any(|(name, _)| *name == provider.name);
        for provider in PROVIDERS {
            assert!(line(provider), "{}", provider.name);
        }
    }
}
