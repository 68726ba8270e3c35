//! The first SIGINT or SIGTERM asks the work to stop and clean up; a second one ends the process
//! at once, as in the reference.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Cancels the token that it returns when a signal comes.
pub(crate) fn cancelled_by_signals() -> std::io::Result<CancellationToken> {
    let token = CancellationToken::new();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let cancel = token.clone();
    tokio::spawn(async move {
        next(&mut interrupt, &mut terminate).await;
        tracing::warn!(
            "stopping; what was written so far is being removed (again to quit at once)"
        );
        cancel.cancel();
        next(&mut interrupt, &mut terminate).await;
        quit();
    });
    Ok(token)
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
    snapstore_plugin::leave(crate::FAILURE);
    std::process::exit(i32::from(crate::FAILURE));
}
