use std::fs;
use std::path::Path;
use std::sync::Arc;

use conformance_tests::{Gap, Target};
use snapstore::{Environment, OpenFuture, Provider, Snapstore, StoreConfig};
use tokio::sync::OnceCell;

/// Where clients are sent to reach the server at an address: there, or to a proxy before it.
pub type Reach<'a> = &'a mut dyn FnMut(&str) -> String;

/// A store on a server that runs.
pub struct Place {
    /// What its tests' names begin with: `s3(minio)`.
    pub name: &'static str,
    pub provider: Provider,
    pub container: &'static str,
    pub prefix: &'static str,
    pub endpoint_override: Option<String>,
    /// The credentials.
    pub variables: Vec<(&'static str, String)>,
    /// What the server is known not to do.
    pub gaps: &'static [Gap],
    /// Its bucket protects every new object: it is there for the cases of retention.
    pub retains: bool,
}

impl Place {
    /// What the command line would make of its flags and its environment.
    pub fn config(&self) -> StoreConfig {
        let set = self.variables.iter();
        let set = set.map(|(name, value)| ((*name).to_owned(), value.clone()));
        StoreConfig {
            container: self.container.into(),
            prefix: self.prefix.into(),
            endpoint_override: self.endpoint_override.as_deref().map(Into::into),
            environment: Environment::new(set),
            ..StoreConfig::default()
        }
    }

    /// Opens the store.
    pub fn open(&self) -> OpenFuture {
        (self.provider.open)(self.config())
    }

    /// The store on trial. It is opened once: a store is meant to be used by many at once.
    pub fn target(self) -> Target {
        let (name, gaps, retains) = (self.name, self.gaps, self.retains);
        let store: Arc<OnceCell<Arc<dyn Snapstore>>> = Arc::default();
        let place = Arc::new(self);
        let target = Target::new(name, move || {
            let (store, place) = (store.clone(), place.clone());
            async move {
                let opened = store.get_or_try_init(|| place.open()).await;
                opened.cloned()
            }
        });
        let target = target.with_gaps(gaps);
        if retains { target.retaining() } else { target }
    }
}

/// The variables that say where a server is.
pub fn endpoint(variable: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test program is its own command line"
    )]
    let set = std::env::var(variable).ok();
    set.filter(|url| !url.is_empty())
}

/// Credentials as Kubernetes mounts them: a directory, with a newline at the end of every value.
pub fn mounted(dir: &Path, values: &[(&str, &str)]) -> String {
    fs::create_dir_all(dir).unwrap();
    for (name, value) in values {
        fs::write(dir.join(name), format!("{value}\n")).unwrap();
    }
    dir.display().to_string()
}
