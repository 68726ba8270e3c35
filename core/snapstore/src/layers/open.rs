use std::sync::Arc;

use super::backoff::{Backoff, RetryPolicy};
use super::deadline::{Deadlines, Watch};
use super::rate::LeastRate;
use super::with_layers;
use crate::clock::Clock;
use crate::{Result, Snapstore};

/// Tries of opening. Fewer than of a call: who mistyped an address waits for the answer.
const ATTEMPTS: u32 = 4;

/// What `open` opens, with all layers. A store that is busy just now is asked again, and one that does not
/// answer is given up in the time of a call; a start that fails leaves a cluster without backups.
pub async fn open<F>(
    mut open: impl FnMut() -> F,
    clock: &Arc<dyn Clock>,
    seed: u64,
) -> Result<Arc<dyn Snapstore>>
where
    F: Future<Output = Result<Arc<dyn Snapstore>>> + Send,
{
    let backoff = Backoff {
        attempts: ATTEMPTS,
        ..Backoff::default()
    };
    let policy = RetryPolicy::new(backoff, clock.clone(), seed);
    let watch = Watch {
        deadlines: Deadlines::default(),
        least: LeastRate::default(),
        clock: clock.clone(),
    };
    let limit = watch.deadlines.call;
    let opened = policy.of(|_| watch.of("open", "", limit, open())).await?;
    Ok(with_layers(opened, clock, seed))
}
