//! A member of several that cannot start by itself: the others are asked for a place.

use std::path::Path;

use client::{Config, Etcd};
use engine::initialize::{
    self, ActionTaken, ClusterState, Error as Failed, Outcome, Refusal, Request,
};
use snapstore::clock::{Clock, SystemClock};
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::etcd;
use crate::members::{MemberMark, Own, Place, Plan, Rejoining, look, plan};

/// Whether it takes the other members to go on from what was `done`.
pub(super) fn needs_others(done: &initialize::Result<Outcome>) -> bool {
    match done {
        Ok(outcome) => outcome.deed == ActionTaken::FirstStart,
        Err(Failed::Refused { refusal, .. }) => {
            matches!(refusal, Refusal::OneOfSeveral | Refusal::NewOfSeveral)
        }
        Err(_) => false,
    }
}

/// Gives the member a place among those who serve, and says so in the request. `None`: it is the only one of its cluster.
pub(super) async fn take_place(config: Config, request: &mut Request) -> Result<Option<Place>> {
    let Some(own) = own(request)? else {
        return Ok(None);
    };
    let etcd = etcd::connect(&CancellationToken::new(), config).await?;
    let rejoining = Rejoining {
        etcd: &*etcd,
        own: &own,
        clock: &SystemClock,
        metrics: None,
    };
    let place = rejoining.rejoin().await.map_err(Error::new)?;
    request.cluster_state = ClusterState::Replaced {
        revision: place.revision,
    };
    Ok(Some(place))
}

/// What the others would be asked for, in a sentence; nothing is changed. `None`: it is the only one of its cluster.
pub(super) async fn would_take_place(config: Config, request: &Request) -> Result<Option<String>> {
    let Some(own) = own(request)? else {
        return Ok(None);
    };
    let etcd = etcd::connect(&CancellationToken::new(), config).await?;
    let clock: &dyn Clock = &SystemClock;
    let etcd: &dyn Etcd = &*etcd;
    let seen = look(etcd, clock).await;
    let seen = seen.map_err(|error| Error::new(error.to_string()))?;
    let name = &own.name;
    Ok(Some(match plan(&own, &seen) {
        Plan::Join { id, .. } => {
            format!(
                "the others serve and have added {name} as {id:x}: what is here would make room, and etcd get its state from them"
            )
        }
        Plan::Add => format!(
            "the others serve: {name} would be added as a learner, what is here make room, and etcd get its state from them"
        ),
        Plan::Remove(id) => format!(
            "the others serve: member {id:x} ({name}) would be removed and added anew as a learner, what is here make room, and \
             etcd get its state from them"
        ),
        Plan::Wait(why) | Plan::Refuse(why) => {
            format!("the others serve, and {name} would get no place among them: {why}")
        }
    }))
}

/// Leaves word beside the directory, which has made room, of the member that it is now.
pub(super) fn mark(place: &Place, data_dir: &Path) -> Result<()> {
    let mark = MemberMark::of(place.cluster_id, place.id, None);
    mark.write(data_dir).map_err(Error::new)
}

/// What is left to whoever starts etcd.
pub(super) fn remark(place: &Place) -> String {
    let name = place.names.last().map_or("", String::as_str);
    format!(
        "{name} is member {id:x} of the cluster that serves: start etcd with --initial-cluster-state=existing and an --initial-cluster \
         of {all}. A learner gets its vote by `etcdctl member promote {id:x}` when it has what the others have",
        id = place.id,
        all = place.names.join(", ")
    )
}

/// Who it is, by the flags. Without them it would be added as somebody else.
fn own(request: &Request) -> Result<Option<Own>> {
    let (identity, data_dir) = (&request.restore.identity, &request.validation.data_dir);
    if identity
        .members()
        .map_err(|error| Error::new(error.to_string()))?
        <= 1
    {
        return Ok(None);
    }
    Ok(Some(Own {
        name: identity.name.clone(),
        peer_urls: identity.advertised.clone(),
        mark: MemberMark::read(data_dir).map_err(Error::new)?,
    }))
}
