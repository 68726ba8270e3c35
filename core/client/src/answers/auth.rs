/// Whether users are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthState {
    /// So it is.
    Known {
        /// Whether users are checked.
        enabled: bool,
        /// Changes with every change of users, roles and of `enabled`.
        revision: u64,
    },
    /// etcd 3.4 cannot be asked.
    NotTold,
}
