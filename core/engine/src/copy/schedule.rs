//! Which object comes next: as many at once as were asked for, in the order of the items, and none before its full is there.

use std::collections::BTreeSet;
use std::future::Future;

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::item::{Choice, Item};
use crate::error::{Error, Result};

/// What became of the items, in their order; `None`: it was not begun.
pub(super) type Done<T> = Vec<Option<T>>;

/// Does `work` for each item that needs some. `is_there` says of what came of it whether the items after it may begin.
pub(super) async fn all<T, F>(
    items: &[Item],
    (parallel, runtime, cancel): (usize, &Handle, &CancellationToken),
    work: impl Fn(usize) -> F,
    is_there: impl Fn(&T) -> bool,
) -> Result<Done<T>>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut done: Done<T> = items.iter().map(|_| None).collect();
    let places = 0..items.len();
    let first = places.filter(|place| items.get(*place).is_some_and(begins));
    let mut ready: BTreeSet<usize> = first.collect();
    let mut running = JoinSet::new();
    loop {
        while running.len() < parallel.max(1)
            && !cancel.is_cancelled()
            && let Some(place) = ready.pop_first()
        {
            let work = work(place);
            running.spawn_on(async move { (place, work.await) }, runtime);
        }
        let Some(ended) = running.join_next().await else {
            return Ok(done);
        };
        let (place, came) = ended.map_err(|died| Error::Died(died.to_string()))?;
        if is_there(&came) {
            let items = items.iter().enumerate();
            let after = items.filter(|(_, one)| one.after == Some(place) && needs_work(one));
            ready.extend(after.map(|(place, _)| place));
        }
        if let Some(slot) = done.get_mut(place) {
            *slot = Some(came);
        }
    }
}

/// Whether it waits for nothing.
fn begins(item: &Item) -> bool {
    needs_work(item) && item.after.is_none()
}

/// What is there already may lack its metadata or a mark.
fn needs_work(item: &Item) -> bool {
    matches!(
        item.choice,
        Choice::Copy | Choice::Compare(_) | Choice::Present(_)
    )
}
