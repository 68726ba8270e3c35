//! The stores on trial, and where they are.

pub(crate) mod abs;
pub(crate) mod gcs;
pub(crate) mod oss;
pub(crate) mod s3;
pub(crate) mod stand;
pub(crate) mod swift;

use std::collections::BTreeMap;
use std::sync::Arc;

use conformance_tests::Target;
use snapstore::{Environment, Provider, Snapstore, StoreConfig};
use tokio::sync::OnceCell;

pub(crate) use stand::{Stand, reply};

/// The bucket that everybody uses: each case keeps to a prefix of its own.
pub(crate) const BUCKET: &str = "etcdbr-conformance";

/// The variables that say where a server is.
pub(crate) fn endpoint(variable: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test program is its own command line"
    )]
    let set = std::env::var(variable).ok();
    set.filter(|url| !url.is_empty())
}

/// Opened once: a store is meant to be used by many at once.
pub(crate) fn opened_once(name: &str, provider: Provider, config: StoreConfig) -> Target {
    let store: Arc<OnceCell<Arc<dyn Snapstore>>> = Arc::default();
    Target::new(name, move || {
        let (store, config) = (store.clone(), config.clone());
        async move {
            let opened = store.get_or_try_init(|| (provider.open)(config)).await;
            opened.cloned()
        }
    })
}

/// An environment with just these variables.
pub(crate) fn environment<const N: usize>(variables: [(&str, &str); N]) -> Environment {
    let variables: BTreeMap<_, _> = variables.into();
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Environment::new(variables.into_iter().map(owned))
}
