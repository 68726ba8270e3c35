//! What AWS's own variables and the profile in `~/.aws/config` say of S3, beyond credentials.

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use snapstore::{Error, ErrorKind, Result};

use crate::config::{Checksums, ENDPOINT, Setting, address};

/// What was asked for in the places where AWS's tools look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a>(&'a SdkConfig);

impl<'a> Asked<'a> {
    pub(crate) fn of(loaded: &'a SdkConfig) -> Self {
        Self(loaded)
    }

    fn value(self, setting: Setting) -> Option<String> {
        let key = ServiceConfigKey::builder()
            .service_id("S3")
            .env(setting.variable)
            .profile(setting.key)
            .build()
            .ok()?;
        self.0.service_config()?.load_config(key)
    }

    /// The address of S3.
    ///
    /// Errors: `Config` for what is none.
    pub(crate) fn endpoint(self) -> Result<Option<String>> {
        let named = self.value(ENDPOINT);
        let address = named.as_deref().map(address).transpose();
        address.map_err(|error| wrong(ENDPOINT, error.message()))
    }

    /// When checksums are used, if that was said.
    ///
    /// Errors: `Config` for what is neither word.
    pub(crate) fn checksums(self, setting: Setting) -> Result<Option<Checksums>> {
        let said = self.value(setting);
        match said.map(|said| said.trim().to_ascii_lowercase()).as_deref() {
            None | Some("") => Ok(None),
            Some("when_supported") => Ok(Some(Checksums::WhenSupported)),
            Some("when_required") => Ok(Some(Checksums::WhenRequired)),
            Some(_) => Err(wrong(
                setting,
                "it is neither when_supported nor when_required",
            )),
        }
    }
}

fn wrong(setting: Setting, what: &str) -> Error {
    let Setting { variable, key } = setting;
    let message = format!("{variable}, or {key} in ~/.aws/config: {what}");
    Error::new(ErrorKind::Config, "open", message)
}
