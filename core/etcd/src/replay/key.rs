use std::sync::Arc;

/// A key: of the view, of its changes and of its leases, which all share it.
pub(super) type Key = Arc<[u8]>;
