//! A store, and how it is restored from.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::drill::Drill;
use crate::fault::Fault;
use crate::listing::Listing;

/// A store, as it was listed last.
#[derive(Debug, Clone)]
pub struct Store {
    /// Provider, container and prefix, without anything secret.
    pub location: String,
    /// How often it is listed, at most, while somebody looks.
    pub every: Duration,
    /// What the last listing that succeeded has found; `None` as long as none has.
    pub listing: Option<Arc<Listing>>,
    /// Why the last listing failed; `None` where it succeeded.
    pub fault: Option<Fault>,
    /// What the last drill of it came to.
    pub drill: Drill,
    /// How a state is restored from it.
    pub command: Command,
}

/// A state that can be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Its revision.
    pub revision: i64,
    /// The lineage that it is of; `None` where the store holds one alone.
    pub lineage: Option<String>,
}

/// Writes the command that restores a state. Whoever starts the page knows how its flags are called.
#[derive(Clone)]
pub struct Command(pub Arc<dyn Fn(&State) -> String + Send + Sync>);

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Command")
    }
}
