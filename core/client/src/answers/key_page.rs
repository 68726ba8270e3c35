use super::{Header, KeyValue};

/// Some keys of a range, in the order of their bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPage {
    /// Who answered.
    pub header: Header,
    /// The first ones.
    pub keys: Vec<KeyValue>,
    /// Whether there are others after them.
    pub more: bool,
}
