use snapstore::Result;
use snapstore_cloud::SecretString;
use snapstore_cloud::credentials::{Source, Watch};

use crate::config::Settings;

/// Where the credentials of a store come from, to be read as often as they change.
#[derive(Debug, Clone)]
pub(crate) struct Origin(Source);

impl Origin {
    pub(crate) fn find(settings: &Settings) -> Result<Self> {
        let variable = "DEPOT_APPLICATION_CREDENTIALS";
        Source::require(&settings.environment, variable).map(Self)
    }

    /// The files that change when the credentials do.
    pub(crate) fn watch(&self) -> Watch {
        self.0.watch()
    }

    /// The token as it is now.
    pub(crate) fn read(&self) -> Result<SecretString> {
        self.0.read()?.secret("token")
    }
}
