//! What stops the work. The first SIGINT or SIGTERM asks it to stop and clean up; a second one ends the
//! process at once, as in the reference. So does `--timeout`: it asks, and then it does not wait for long.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use snapstore::clock::Clock;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What asks the work of this process to stop.
static STOP: LazyLock<CancellationToken> = LazyLock::new(CancellationToken::new);

/// Whether somebody listens already: each store that is opened asks, and one word for a signal is enough.
static LISTENS: AtomicBool = AtomicBool::new(false);

/// Cancels the token that it returns when a signal comes.
pub(crate) fn cancelled_by_signals() -> std::io::Result<CancellationToken> {
    let token = STOP.clone();
    if LISTENS.swap(true, Ordering::Relaxed) {
        return Ok(token);
    }
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let cancel = token.clone();
    tokio::spawn(async move {
        next(&mut interrupt, &mut terminate).await;
        tracing::warn!("stopping and cleaning up; send the signal again to exit at once");
        cancel.cancel();
        next(&mut interrupt, &mut terminate).await;
        quit();
    });
    Ok(token)
}

/// The time that was allowed, once it has passed.
static PASSED: OnceLock<Duration> = OnceLock::new();

/// How long what was asked to stop may clean up. A read of a dead mount never ends.
const CLEANING: Duration = Duration::from_secs(20);

/// Asks the work to stop when it has taken as long as `allowed`, whether or not it uses a store.
pub(crate) fn cancelled_after(allowed: Duration, clock: Arc<dyn Clock>) {
    tokio::spawn(async move {
        clock.sleep(allowed).await;
        // Nobody else sets it.
        let _ = PASSED.set(allowed);
        tracing::warn!("stopping: it is not done within {allowed:?} (--timeout)");
        STOP.cancel();
        clock.sleep(CLEANING).await;
        tracing::error!(
            "not done within {allowed:?} (--timeout), and not cleaned up in time either"
        );
        quit();
    });
}

/// The time that was allowed and has passed, if `--timeout` has stopped the work.
pub(crate) fn timed_out() -> Option<Duration> {
    PASSED.get().copied()
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

#[expect(clippy::disallowed_methods, reason = "the operator asked twice")]
fn quit() {
    #[cfg(feature = "plugins")]
    snapstore_plugin::leave(crate::exit_code::FAILURE);
    std::process::exit(i32::from(crate::exit_code::FAILURE));
}
