use crate::keyspace::{Asked, Keys};

/// What to read.
#[derive(Debug, Clone)]
pub struct Request {
    /// The state that is meant, and how it is read.
    pub asked: Asked,
    /// Which keys.
    pub keys: Keys,
    /// Which of their versions.
    pub span: Span,
    /// What of them.
    pub detail: Detail,
    /// Bytes that what is found may take in memory, keys and values.
    pub memory: usize,
}

/// Which versions of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// The one that it has in the state, if it has one.
    State,
    /// All puts and deletions up to the state that the chain still holds.
    History,
}

/// What of each version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// All of it.
    Whole,
    /// All but its value.
    WithoutValue,
}
