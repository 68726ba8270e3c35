use crate::error::{ErrorKind, Result};
use crate::lease::{Lease, Renewal};
use crate::leases::Leases;

/// How often a lease that somebody else changes meanwhile is read again.
const ATTEMPTS: usize = 5;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Renewed {
    /// It says this now.
    Written(Renewal),
    /// It says already what it should.
    AsItWas,
}

/// Writes into the lease of this name what `decide` says of its state; read again where it has changed meanwhile.
pub async fn renew(
    leases: &dyn Leases,
    name: &str,
    decide: impl Fn(&Lease) -> Option<Renewal>,
) -> Result<Renewed> {
    let mut attempt = 1;
    loop {
        let lease = leases.read(name).await?;
        let Some(renewal) = decide(&lease) else {
            return Ok(Renewed::AsItWas);
        };
        match leases.write(name, &lease, &renewal).await {
            Err(error) if error.kind() == ErrorKind::Conflict && attempt < ATTEMPTS => attempt += 1,
            written => return written.map(|()| Renewed::Written(renewal)),
        }
    }
}
