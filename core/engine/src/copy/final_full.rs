//! Waiting until a cluster that moves has taken its last full.

use std::time::Duration;

use super::error::{Error, Result};
use super::request::Waiting;
use crate::backups::{self, Catalogue, Snapshot, read_catalogue};
use crate::progress::{Event, Phase};
use crate::session::Session;
use crate::size::counted;

/// As in etcd-backup-restore: how long it is waited before it is looked at again, and how many fulls may be the last.
const POLL: Duration = Duration::from_secs(15);
const NEWEST: usize = 4;

/// Waits for a final full among the newest of the source. What to tell where none came in time.
///
/// A source that does not answer for a while is asked again; one that refuses is an error.
pub(super) async fn wait_for_final(source: &Session, waiting: Waiting) -> Result<Option<String>> {
    source.observer.event(Event::Phase(Phase::Waiting));
    let began = source.clock.now();
    loop {
        match read_catalogue(source).await {
            Ok(catalogue) if has_final(&catalogue) => return Ok(None),
            Ok(_) => {}
            Err(backups::Error::Store { source: error, .. }) if error.is_retryable() => {
                let warning = format!("waiting for a final full: {error}");
                source.observer.event(Event::Warning(&warning));
            }
            Err(error) => return Err(Error::of_source(error)),
        }
        let waited = source.clock.now().saturating_duration_since(began);
        let left = waiting.at_most.map(|most| most.saturating_sub(waited));
        if left.is_some_and(|left| left.is_zero()) {
            return Ok(Some(in_vain(waiting)));
        }
        let pause = source.clock.sleep(left.map_or(POLL, |left| left.min(POLL)));
        let slept = source.cancel.run_until_cancelled(pause).await;
        slept.ok_or(Error::Interrupted)?;
    }
}

fn in_vain(waiting: Waiting) -> String {
    let seconds = waiting.at_most.unwrap_or_default().as_secs();
    let waited = counted(seconds, "second", "seconds");
    format!(
        "no final full came within {waited}: what there is is copied, and what the cluster writes from now on is not in it"
    )
}

/// The clock of one machine may be ahead: whether a full is among the newest by its time or by its revision.
fn has_final(catalogue: &Catalogue) -> bool {
    let mut fulls: Vec<&Snapshot> = catalogue.fulls().collect();
    let newest = |fulls: &[&Snapshot]| {
        let mut newest = fulls.iter().rev().take(NEWEST);
        newest.any(|full| full.name.is_final)
    };
    let by_revision = newest(&fulls);
    fulls.sort_by_key(|full| full.name.created);
    by_revision || newest(&fulls)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::chain_tests::catalogue;

    #[test]
    fn the_final_full_is_one_of_the_four_newest() {
        let full =
            |revision: i64, end: &str| format!("Full-00000000-{revision:08}-{revision}.gz{end}");
        let store = |later: i64| {
            let mut names = vec![full(5, ".final"), "Incr-00000006-00000007-7.gz".to_owned()];
            names.extend((0..later).map(|number| full(10 + number, "")));
            catalogue(&names.iter().map(|name| &**name).collect::<Vec<_>>())
        };
        for (later, has) in [(0, true), (3, true), (4, false)] {
            assert_eq!(has_final(&store(later)), has, "{later}");
        }
        assert!(!has_final(&Catalogue::default()));
    }
}
