//! The providers in this build: a plain list, nothing registers itself.

use std::sync::Arc;

use snapstore::clock::{Clock, SystemClock};
use snapstore::layers::dress;
use snapstore::{Provider, Result as StoreResult, Snapstore};

use crate::args::StoreArgs;
use crate::error::{Error, Result};

/// What is built in.
const PROVIDERS: &[Provider] = &[
    #[cfg(feature = "local")]
    snapstore_local::PROVIDER,
    #[cfg(feature = "s3")]
    snapstore_s3::PROVIDER,
    #[cfg(feature = "s3")]
    snapstore_s3::ECS,
    #[cfg(feature = "s3")]
    snapstore_s3::OCS,
    #[cfg(feature = "gcs")]
    snapstore_gcs::PROVIDER,
    #[cfg(feature = "abs")]
    snapstore_abs::PROVIDER,
    #[cfg(feature = "swift")]
    snapstore_swift::PROVIDER,
    #[cfg(feature = "oss")]
    snapstore_oss::PROVIDER,
];

/// What there is, and the feature that builds it in.
const FEATURES: [(&str, &str); 8] = [
    ("Local", "local"),
    ("S3", "s3"),
    ("ECS", "s3"),
    ("OCS", "s3"),
    ("GCS", "gcs"),
    ("ABS", "abs"),
    ("Swift", "swift"),
    ("OSS", "oss"),
];

/// Opens the store that the flags name; no provider means `Local`, as in the reference. It retries,
/// resumes and keeps deadlines; `seed` spreads the waits.
pub(crate) async fn open(args: &StoreArgs, seed: u64) -> Result<Arc<dyn Snapstore>> {
    let name = match args.storage_provider.as_str() {
        "" => "Local",
        name => name,
    };
    let opened = match plugin(args).await {
        Some(opened) => opened,
        None => built_in(name, args).await?,
    };
    let store =
        opened.map_err(|error| Error::new(format!("cannot open the {name} store: {error}")))?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(dress(store, &clock, seed))
}

async fn built_in(name: &str, args: &StoreArgs) -> Result<StoreResult<Arc<dyn Snapstore>>> {
    let Some(provider) = PROVIDERS.iter().find(|provider| provider.name == name) else {
        return Err(Error::new(unknown(name)));
    };
    Ok((provider.open)(args.config()).await)
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
             with --features {feature}"
        ),
        None => format!(
            "no storage provider {name:?}; this build has {built}, and a store of your own is \
             loaded with --plugin (docs/plugins.md)"
        ),
    }
}

#[cfg(feature = "plugins")]
async fn plugin(args: &StoreArgs) -> Option<StoreResult<Arc<dyn Snapstore>>> {
    let path = args.plugin.as_ref()?;
    let options = snapstore_plugin::Options::default();
    Some(snapstore_plugin::load(path, &args.config(), options).await)
}

#[cfg(not(feature = "plugins"))]
async fn plugin(_args: &StoreArgs) -> Option<StoreResult<Arc<dyn Snapstore>>> {
    None
}
