use serde::Deserialize;

use super::{Bytes, Int};

/// A key as `mvccpb.KeyValue` has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct KeyValue {
    /// The key.
    pub key: Bytes,
    /// The revision that began this life of the key.
    pub create_revision: Int,
    /// The revision that wrote this.
    pub mod_revision: Int,
    /// Puts since its creation.
    pub version: Int,
    /// The value.
    pub value: Bytes,
    /// The lease it hangs on; 0 for none.
    pub lease: Int,
}
