/// From which snapshot an etcd goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beginning {
    /// That of the newest `.snap` file that the log knows.
    File,
    /// The newest that the log tells of.
    Record,
}
