//! Threads of the machine, and what to do when it refuses one.

use std::io;
use std::thread::{Builder, JoinHandle};

use rustix::process::Resource;

use crate::error::{Error, Result};
use crate::remedy::limit;
pub use crate::remedy::remedy;

/// Starts a thread. Where there may be no more, that is an error and no panic.
pub fn start_thread(work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    Builder::new().spawn(work).map_err(no_thread)
}

/// Does both at one time, `here` on this thread. What `here` gives is lost where there is no thread for the other.
pub(crate) fn beside<A, B: Send>(
    here: impl FnOnce() -> A,
    there: impl FnOnce() -> B + Send,
) -> Result<(A, B)> {
    std::thread::scope(|scope| {
        let other = Builder::new().spawn_scoped(scope, there);
        let other = other.map_err(no_thread)?;
        let here = here();
        let there = other.join();
        there
            .map(|there| (here, there))
            .map_err(|_| Error::Died("it worked beside another".to_owned()))
    })
}

fn no_thread(source: io::Error) -> Error {
    Error::Threads {
        limit: format!(
            "{}, and that on address space (RLIMIT_AS, `ulimit -v`) is {}",
            limit(Resource::Nproc, "processes"),
            limit(Resource::As, "bytes")
        ),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_done_and_a_thread_that_dies_is_an_error() {
        assert!(matches!(beside(|| 1, || 2), Ok((1, 2))));
        let died = beside(|| 1, || -> i32 { std::panic::resume_unwind(Box::new(())) });
        assert!(matches!(died, Err(Error::Died(_))));
    }
}
