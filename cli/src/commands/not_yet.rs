use crate::error::{Error, Result};

/// A command of the reference that is not here yet. Without it clap takes the name for a slip of another
/// command's.
pub(crate) fn run(command: &str) -> Result<()> {
    Err(Error::new(format!(
        "`{command}` is not there yet. Run it with etcd-backup-restore; both read the same store"
    )))
}
