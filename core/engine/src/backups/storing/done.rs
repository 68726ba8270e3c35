use snapstore::Bytes;

/// What goes to the store.
#[derive(Debug)]
pub(super) enum Done {
    Bytes(Vec<Bytes>),
    /// That was the last of it. Without this the object is not whole, whatever else ended.
    End,
}
