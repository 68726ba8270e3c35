use bytes::Bytes;

/// What a write did to a key. Key and value are slices of the message they came in, which stays in memory
/// as long as one of them does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The key.
    pub key: Bytes,
    /// The revision of the write.
    pub mod_revision: i64,
    /// What was done.
    pub change: Change,
}

impl Event {
    /// Bytes that it takes in memory, nearly: those of key and value, and of itself.
    pub fn memory(&self) -> usize {
        let value = match &self.change {
            Change::Put { value, .. } => value.len(),
            Change::Delete => 0,
        };
        size_of::<Self>() + self.key.len() + value
    }
}

/// What was done to a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It was written.
    Put {
        /// What it holds now.
        value: Bytes,
        /// The revision that created it.
        create_revision: i64,
        /// How often it was written since then, this time included.
        version: i64,
        /// The lease it hangs on; 0 is none.
        lease: i64,
    },
    /// It was deleted.
    Delete,
}
