use std::sync::Arc;

use super::deadline::{Deadlines, Watch};
use super::dress;
use super::patience::{Backoff, Patience};
use super::rate::LeastRate;
use crate::clock::Clock;
use crate::{Result, Snapstore};

/// Tries of opening. Fewer than of a call: who mistyped an address waits for the answer.
const TRIES: u32 = 4;

/// What `open` opens, dressed. A store that is busy just now is asked again, and one that does not
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
        tries: TRIES,
        ..Backoff::default()
    };
    let patience = Patience::new(backoff, clock.clone(), seed);
    let watch = Watch {
        deadlines: Deadlines::default(),
        least: LeastRate::default(),
        clock: clock.clone(),
    };
    let limit = watch.deadlines.call;
    let opened = patience.of(|_| watch.of("open", limit, open())).await?;
    Ok(dress(opened, clock, seed))
}
