use std::str::FromStr;

use crate::{Error, ErrorKind, Result};

/// Where the bucket's name stands in an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressingStyle {
    /// `https://bucket.host/key`: the host's name must lead to the server whatever the bucket is called.
    Virtual,
    /// `https://host/bucket/key`, as most stores on premises want it.
    Path,
}

impl FromStr for AddressingStyle {
    type Err = Error;

    /// In AWS's words (`addressing_style`): `path` or `virtual`.
    fn from_str(text: &str) -> Result<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "path" => Ok(Self::Path),
            "virtual" => Ok(Self::Virtual),
            _ => {
                let message = "the addressing style is neither path nor virtual";
                Err(Error::new(ErrorKind::Config, "open", message))
            }
        }
    }
}
