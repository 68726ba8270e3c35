use std::fmt;

/// Where a store keeps its objects, as an operator would write it. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The provider's scheme: `s3`, `gs`, `azure`, `swift`, `oss`, `file`, `memory`.
    pub scheme: &'static str,
    /// The bucket or container; for `file` the absolute directory.
    pub bucket: String,
    /// What every key is put under, without a slash at its end; may be empty. It begins with one
    /// where the names in the store do.
    pub prefix: String,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.bucket)?;
        if !self.prefix.is_empty() {
            write!(f, "/{}", self.prefix)?;
        }
        Ok(())
    }
}
