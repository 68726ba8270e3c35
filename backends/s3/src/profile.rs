//! What AWS's own variables and the profile in `~/.aws/config` say of S3, beyond credentials.

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use snapstore::{Error, ErrorKind, Result};

use crate::config::{Checksums, address};

/// The variable and the key in a profile of one setting ("AWS SDKs and Tools Reference Guide",
/// "Settings reference").
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    variable: &'static str,
    key: &'static str,
}

/// Whether what is sent gets a checksum.
pub(crate) const REQUESTS: Setting = Setting {
    variable: "AWS_REQUEST_CHECKSUM_CALCULATION",
    key: "request_checksum_calculation",
};

/// Whether that of what comes back is looked at.
pub(crate) const RESPONSES: Setting = Setting {
    variable: "AWS_RESPONSE_CHECKSUM_VALIDATION",
    key: "response_checksum_validation",
};

/// With a suffix for one service; the section `services` of the file has a key for it too.
const ENDPOINT: Setting = Setting {
    variable: "AWS_ENDPOINT_URL",
    key: "endpoint_url",
};

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
