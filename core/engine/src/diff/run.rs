use tokio_util::sync::CancellationToken;

use super::error::{Error, Result};
use super::report::{Counts, Report};
use super::request::{Listener, Request};
use crate::error::Error as System;
use crate::keyspace::{State, differences, open};

/// Compares two states key by key, and tells `listener` of each difference as it is found. The names of keys are held in memory,
/// values one at a time. An etcd that runs is read at one revision, whatever is written to it meanwhile.
pub async fn diff<L: Listener>(request: &Request, listener: L) -> Result<(Report, L)> {
    let Request {
        from,
        to,
        keys,
        cancel,
        memory,
    } = request;
    let cancel = cancel.clone();
    let from = open(from, keys, *memory).await.map_err(Error::From)?;
    let to = open(to, keys, *memory).await.map_err(Error::To)?;
    let comparing = tokio::task::spawn_blocking(move || compare(from, to, &cancel, listener));
    let died = |error: tokio::task::JoinError| Error::System(System::Died(error.to_string()));
    comparing.await.map_err(died)?
}

fn compare<L: Listener>(
    from: State,
    to: State,
    cancel: &CancellationToken,
    mut listener: L,
) -> Result<(Report, L)> {
    let mut counts = Counts::default();
    let first = from.items().map(|item| item.map_err(Error::From));
    let second = to.items().map(|item| item.map_err(Error::To));
    for difference in differences(first, second) {
        let difference = difference?;
        if cancel.is_cancelled() {
            return Err(Error::System(System::Interrupted));
        }
        counts.count(&difference);
        listener.hear(&difference).map_err(Error::Listener)?;
    }
    let report = Report {
        from: from.origin,
        to: to.origin,
        counts,
    };
    Ok((report, listener))
}
