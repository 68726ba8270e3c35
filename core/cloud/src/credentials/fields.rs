use std::collections::BTreeMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use snapstore::{Error, ErrorKind, Result};

/// Values by name. Names are compared without regard to case, as Go's JSON decoder does for the
/// reference. An empty value is none.
#[derive(Clone)]
pub struct Fields {
    origin: String,
    values: BTreeMap<String, SecretString>,
}

impl Fields {
    /// `values` out of `origin`, which is a path or a variable and is named in errors.
    pub fn new(
        origin: impl Into<String>,
        values: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let trimmed = values.into_iter().filter_map(|(name, value)| {
            let value = value.trim();
            let name = name.to_ascii_lowercase();
            (!value.is_empty()).then(|| (name, SecretString::from(value)))
        });
        Self {
            origin: origin.into(),
            values: trimmed.collect(),
        }
    }

    /// Where they were found.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The value of `name`, if there is one.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.values.get(&name.to_ascii_lowercase())?;
        Some(value.expose_secret())
    }

    /// The value of `name`, to be kept: it shows itself to nobody.
    pub fn secret(&self, name: &str) -> Result<SecretString> {
        self.need(name).map(SecretString::from)
    }

    /// The value of `name`.
    ///
    /// Errors: `Config` if there is none.
    pub fn need(&self, name: &str) -> Result<&str> {
        self.get(name)
            .ok_or_else(|| self.wrong(format!("there is no {name}")))
    }

    /// The value of a switch; `false` if it is not there.
    ///
    /// Errors: `Config` for what is neither.
    pub fn flag(&self, name: &str) -> Result<bool> {
        match self.get(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("false" | "0" | "f") => Ok(false),
            Some("true" | "1" | "t") => Ok(true),
            // The value itself stays here: it might be a secret under the wrong name.
            Some(_) => Err(self.wrong(format!("{name} is neither true nor false"))),
        }
    }

    /// An error about these credentials.
    pub fn wrong(&self, what: impl fmt::Display) -> Error {
        let message = format!("the credentials in {}: {what}", self.origin);
        Error::new(ErrorKind::Config, "open", message)
    }
}

/// Names alone.
impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fields")
            .field("origin", &self.origin)
            .field("names", &self.values.keys())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields() -> Fields {
        let values = [
            ("accessKeyID", "AK\n"),
            ("secretAccessKey", "hush"),
            ("insecureSkipVerify", "True"),
            ("region", " "),
        ];
        Fields::new(
            "/creds",
            values.map(|(name, value)| (name.to_owned(), value.to_owned())),
        )
    }

    /// The reference takes a trailing newline for a part of the key, and every signature is wrong.
    #[test]
    fn values_are_trimmed() {
        assert_eq!(fields().need("accesskeyid").unwrap(), "AK");
        assert_eq!(fields().get("region"), None);
        assert!(fields().flag("insecureSkipVerify").unwrap());
        assert!(!fields().flag("disableSSL").unwrap());
    }

    #[test]
    fn errors_name_the_place_and_no_value() {
        let missing = fields().need("region").unwrap_err().to_string();
        assert!(
            missing.contains("/creds") && missing.contains("region"),
            "{missing}"
        );
        let odd = fields().flag("secretAccessKey").unwrap_err().to_string();
        assert!(!odd.contains("hush"), "{odd}");
        assert!(!format!("{:?}", fields()).contains("hush"));
    }
}
