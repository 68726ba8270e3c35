use async_trait::async_trait;

use crate::error::Result;
use crate::lease::{Lease, Renewal};

/// The leases of one namespace.
#[async_trait]
pub trait Leases: Send + Sync {
    /// The lease of this name.
    async fn read(&self, name: &str) -> Result<Lease>;

    /// Writes into the lease of this name, as long as it is in the state that was read.
    ///
    /// Errors: `Conflict` where it is in another.
    async fn write(&self, name: &str, read: &Lease, renewal: &Renewal) -> Result<()>;
}
