//! What etcd is asked until it answers.

use std::sync::Arc;

use client::{ErrorKind, Etcd, Read};
use snapstore::clock::Clock;

use super::job::AnswerSender;
use super::raft_log::LogMark;
use super::said::Said;
use crate::snapshot::deltas::Witness;
use crate::snapshot::error::of_etcd;
use crate::snapshot::machine::{Again, Policy, Probed};

/// Whom to ask.
#[derive(Debug, Clone)]
pub(super) struct Asking {
    pub(super) etcd: Arc<dyn Etcd>,
    pub(super) clock: Arc<dyn Clock>,
    /// How long to wait.
    pub(super) policy: Policy,
}

impl Asking {
    /// Asks for the newest revision that the members agree on, and for the newest of these events of another lineage that
    /// etcd has as well. They are in order.
    pub(super) async fn head(self, of_another: Vec<Witness>, answers: AnswerSender<Said>) {
        let mut again = Again::default();
        loop {
            match parting(&*self.etcd, &of_another).await {
                Ok((head, shared)) => return answers.send(Said::Head { head, shared }),
                Err(error) => self.wait(&answers, error, &mut again).await,
            }
        }
    }

    /// Asks whether the history is the `known` one. Its newest event proves something only if it is of `least` or later.
    pub(super) async fn probe(self, known: Known, least: i64, answers: AnswerSender<Said>) {
        let mut again = Again::default();
        loop {
            match probe(&*self.etcd, &known, least).await {
                Ok(probed) => return answers.send(Said::Probed(probed)),
                Err(error) => self.wait(&answers, error, &mut again).await,
            }
        }
    }

    async fn wait(&self, answers: &AnswerSender<Said>, error: client::Error, again: &mut Again) {
        let failure = of_etcd(&error);
        answers.send(Said::NoAnswer(error));
        let Policy {
            retry,
            retry_at_most,
            ..
        } = self.policy;
        let wait = again.after(failure, retry, retry_at_most);
        self.clock.sleep(wait).await;
    }
}

async fn parting(
    etcd: &dyn Etcd,
    of_another: &[Witness],
) -> client::Result<(client::Header, Option<i64>)> {
    let shared = newest_shared(etcd, of_another).await?;
    Ok((etcd.head(Read::Agreed).await?, shared))
}

/// The revision of the newest event that etcd has too, of those that it still knows: two histories are alike up to where
/// they part, so that half of the events are asked for at most once.
async fn newest_shared(etcd: &dyn Etcd, witnesses: &[Witness]) -> client::Result<Option<i64>> {
    let (mut shared, mut rest) = (None, witnesses);
    while let Some(middle) = rest.get(rest.len() / 2) {
        let (older, newer) = rest.split_at(rest.len() / 2);
        match has(etcd, middle).await? {
            Has::Same => shared = Some(middle.mod_revision),
            Has::Other => {
                rest = older;
                continue;
            }
            // What is older is compacted as well.
            Has::Unknown => {}
        }
        rest = newer.get(1..).unwrap_or_default();
    }
    Ok(shared)
}

/// What is known of a history.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// Its newest event.
    pub(super) witness: Option<Witness>,
    /// Where the log of raft stood.
    pub(super) log: Option<LogMark>,
}

/// Reads the newest event that is known back from etcd.
///
/// Errors: what etcd says, if it is not about the event.
async fn probe(etcd: &dyn Etcd, known: &Known, least: i64) -> client::Result<Probed> {
    let witness = known.witness.as_ref();
    let has = match witness.filter(|witness| witness.mod_revision >= least) {
        Some(witness) => has(etcd, witness).await?,
        None => Has::Unknown,
    };
    match has {
        Has::Unknown => goes_on(etcd, known).await,
        Has::Other => Ok(Probed::Other),
        Has::Same => {
            let head = etcd.head(Read::Agreed).await?.revision;
            Ok(Probed::Same { head })
        }
    }
}

/// Asks the log of raft, and the key of the event as it is now.
async fn goes_on(etcd: &dyn Etcd, known: &Known) -> client::Result<Probed> {
    let Some(log) = known.log else {
        return Ok(Probed::Unknown);
    };
    // Before the status, which is what the member itself has applied.
    let head = etcd.head(Read::Agreed).await?.revision;
    if !log.leads_to(&etcd.status().await?) {
        return Ok(Probed::Unknown);
    }
    let Some(witness) = &known.witness else {
        return Ok(Probed::GoesOn { head });
    };
    let now = etcd.key_at(witness.key.clone(), 0, Read::Agreed).await?;
    match now.is_some_and(|now| witness.contradicts(&now)) {
        true => Ok(Probed::Other),
        false => Ok(Probed::GoesOn { head }),
    }
}

/// Whether etcd has an event.
enum Has {
    Same,
    Other,
    Unknown,
}

async fn has(etcd: &dyn Etcd, witness: &Witness) -> client::Result<Has> {
    let at = |revision| etcd.key_at(witness.key.clone(), revision, Read::Agreed);
    let there = match at(witness.mod_revision).await {
        Ok(there) => there,
        Err(error) => return doubtful(error),
    };
    if !witness.agrees(there.as_ref()) {
        return Ok(Has::Other);
    }
    if witness.put.is_none() {
        // That a key is not there shows no delete: it was there right before.
        return match at(witness.mod_revision.saturating_sub(1)).await {
            Ok(Some(_)) => Ok(Has::Same),
            Ok(None) => Ok(Has::Other),
            Err(error) => doubtful(error),
        };
    }
    Ok(Has::Same)
}

fn doubtful(error: client::Error) -> client::Result<Has> {
    match error.kind() {
        ErrorKind::Compacted => Ok(Has::Unknown),
        ErrorKind::Future => Ok(Has::Other),
        _ => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use client::scripted::Scripted;
    use client::{Endpoint, KeyValue, Scheme};
    use snapstore::clock::SystemClock;

    use crate::snapshot::deltas::Generation;

    fn etcd() -> Scripted {
        let endpoint = Endpoint::parse("scripted:1", Scheme::Clear).unwrap();
        let etcd = Scripted::new(endpoint, Arc::new(SystemClock));
        etcd.facts(|facts| facts.head.revision = 9);
        etcd
    }

    fn there(etcd: &Scripted, revision: i64, mod_revision: i64) {
        let key = bytes::Bytes::from_static(b"a");
        let found = KeyValue {
            key: key.clone(),
            value: bytes::Bytes::new(),
            create_revision: 3,
            mod_revision,
            version: 2,
            lease: 0,
        };
        etcd.facts(|facts| facts.keys.insert((key, revision), found));
    }

    fn witness(put: Option<Generation>) -> Witness {
        Witness {
            key: bytes::Bytes::from_static(b"a"),
            mod_revision: 7,
            put,
        }
    }

    const PUT: Option<Generation> = Some(Generation {
        create_revision: 3,
        version: 2,
    });

    async fn probed(etcd: &Scripted, witness: Option<&Witness>) -> Probed {
        let witness = witness.cloned();
        let known = Known { witness, log: None };
        probe(etcd, &known, 7).await.unwrap()
    }

    #[tokio::test]
    async fn the_newest_event_proves_the_history() {
        let etcd = etcd();
        there(&etcd, 7, 7);
        let same = Probed::Same { head: 9 };
        assert_eq!(probed(&etcd, Some(&witness(PUT))).await, same);
        let known = Known {
            witness: Some(witness(PUT)),
            log: None,
        };
        assert_eq!(probe(&etcd, &known, 8).await.unwrap(), Probed::Unknown);
        assert_eq!(probed(&etcd, None).await, Probed::Unknown);
        etcd.facts(|facts| facts.compacted = Some(8));
        assert_eq!(probed(&etcd, Some(&witness(PUT))).await, Probed::Unknown);
        // Restored to an older state.
        etcd.facts(|facts| (facts.compacted, facts.head.revision) = (None, 6));
        assert_eq!(probed(&etcd, Some(&witness(PUT))).await, Probed::Other);
    }

    /// Under Kubernetes etcd is compacted each five minutes: the newest event of an older backup is never there any more.
    #[tokio::test]
    async fn a_log_that_goes_on_speaks_for_what_is_compacted() {
        let etcd = etcd();
        etcd.facts(|facts| {
            facts.compacted = Some(8);
            facts.status.raft_index = 20;
        });
        let log = LogMark {
            cluster_id: 0xc1,
            term: 2,
            index: 15,
            revision: 7,
        };
        let mut known = Known {
            witness: Some(witness(PUT)),
            log: Some(log),
        };
        let goes_on = Probed::GoesOn { head: 9 };
        assert_eq!(probe(&etcd, &known, 7).await.unwrap(), goes_on);
        // The same key, of another life at that time.
        let now = KeyValue {
            key: bytes::Bytes::from_static(b"a"),
            value: bytes::Bytes::new(),
            create_revision: 4,
            mod_revision: 9,
            version: 3,
            lease: 0,
        };
        etcd.facts(|facts| facts.keys.insert((now.key.clone(), 0), now.clone()));
        assert_eq!(probe(&etcd, &known, 7).await.unwrap(), Probed::Other);
        etcd.facts(|facts| facts.keys.clear());
        // A log that began anew.
        etcd.facts(|facts| facts.status.raft_index = 16);
        assert_eq!(probe(&etcd, &known, 7).await.unwrap(), Probed::Unknown);
        // Nobody has written to it yet: no event, but a log.
        etcd.facts(|facts| facts.status.raft_index = 20);
        known.witness = None;
        assert_eq!(probe(&etcd, &known, 7).await.unwrap(), goes_on);
    }

    /// Where a lineage had left another was never proven, though the events of both were there to be compared.
    #[tokio::test]
    async fn the_newest_event_that_both_have_is_found() {
        for shared in 0..=6_i64 {
            let etcd = etcd();
            etcd.facts(|facts| facts.head.revision = 100);
            let witnesses: Vec<Witness> = (1..=6)
                .map(|number| Witness {
                    mod_revision: number * 10,
                    ..witness(PUT)
                })
                .collect();
            for one in 1..=shared {
                there(&etcd, one * 10, one * 10);
            }
            let found = newest_shared(&etcd, &witnesses).await.unwrap();
            assert_eq!(found, (shared > 0).then_some(shared * 10));
            // What is compacted proves nothing, and hides nothing that is newer.
            etcd.facts(|facts| facts.compacted = Some(25));
            let found = newest_shared(&etcd, &witnesses).await.unwrap();
            assert_eq!(found, (shared > 2).then_some(shared * 10));
        }
    }

    /// In an etcd that was wiped and written to again no key of the backups was there, and a delete, the last event
    /// of them, was taken to be in its history.
    #[tokio::test]
    async fn a_delete_is_shown_by_what_was_there_before() {
        let etcd = etcd();
        assert_eq!(probed(&etcd, Some(&witness(None))).await, Probed::Other);
        there(&etcd, 6, 5);
        let same = Probed::Same { head: 9 };
        assert_eq!(probed(&etcd, Some(&witness(None))).await, same);
    }
}
