//! What the members say of themselves.

use std::sync::Arc;

use client::{AlarmKind, Endpoint, Etcd, Member, Read, Scheme, Status};

use super::error::{Error, Result};
use super::plan::{Role, Seen};
use super::unhealthy::Unhealthy;

/// A member, and how it is asked with no other in its place.
#[derive(Debug)]
pub(super) struct Reached {
    pub(super) seen: Seen,
    pub(super) etcd: Arc<dyn Etcd>,
}

/// Asks all members.
///
/// Errors: who the members are is not known. The inner one: one of them is not as it should be.
pub(super) async fn look(
    etcd: &dyn Etcd,
    endpoints: &[Endpoint],
) -> Result<Result<Vec<Reached>, Unhealthy>> {
    let members = etcd.members(Read::Agreed).await.map_err(Error::Members)?;
    let scheme = etcd.endpoint().scheme();
    let mut reached = Vec::new();
    for member in &members.members {
        match reach(etcd, member, endpoints, scheme).await {
            Ok(one) => reached.push(one),
            Err(unhealthy) => return Ok(Err(unhealthy)),
        }
    }
    Ok(corrupt(etcd, &members.members).await.map(|()| reached))
}

/// The alarm NOSPACE is no hindrance: it is what a defragmentation is the remedy for.
async fn corrupt(etcd: &dyn Etcd, members: &[Member]) -> Result<(), Unhealthy> {
    let alarms = etcd.alarms().await;
    let alarms = alarms.map_err(|error| Unhealthy::Alarms(error.to_string()))?;
    let corrupt = alarms.iter().find(|alarm| alarm.kind == AlarmKind::Corrupt);
    corrupt.map_or(Ok(()), |alarm| {
        let member = members.iter().find(|member| member.id == alarm.member_id);
        let member = member.map_or_else(|| id(alarm.member_id), name);
        Err(Unhealthy::Corrupt(member))
    })
}

/// Looks for a member where it says that clients find it, and then where we were told to ask. What answers there may be
/// another: every member of a cluster on one machine may say `localhost`.
async fn reach(
    etcd: &dyn Etcd,
    member: &Member,
    endpoints: &[Endpoint],
    scheme: Scheme,
) -> Result<Reached, Unhealthy> {
    if member.client_urls.is_empty() {
        return Err(Unhealthy::NotStarted(name(member)));
    }
    let mut tried = Vec::new();
    let own = member.client_urls.iter().map(|url| {
        let endpoint = Endpoint::parse(url, scheme);
        endpoint.map_err(|why| why.to_string())
    });
    let told = endpoints.iter().cloned().map(Ok);
    for endpoint in own.chain(told) {
        let endpoint = match endpoint {
            Ok(endpoint) => endpoint,
            Err(why) => {
                tried.push(why);
                continue;
            }
        };
        let at = etcd.at(&endpoint);
        match at.status().await {
            Ok(status) if status.header.member_id == member.id => {
                let seen = seen(member, &status);
                return Ok(Reached { seen, etcd: at });
            }
            Ok(_) => tried.push(format!("another member answers at {endpoint}")),
            Err(error) => tried.push(error.to_string()),
        }
    }
    Err(Unhealthy::Silent {
        member: name(member),
        why: tried.join("; "),
    })
}

fn seen(member: &Member, status: &Status) -> Seen {
    let role = match status.leader == Some(member.id) {
        true => Role::Leader,
        false if status.learner || member.learner => Role::Learner,
        false => Role::Follower,
    };
    Seen {
        id: member.id,
        name: name(member),
        role,
        size: status.db_size,
        in_use: status.db_size_in_use,
        committed: status.raft_index,
        applied: status.raft_applied_index,
    }
}

fn name(member: &Member) -> String {
    match member.name.is_empty() {
        true => id(member.id),
        false => member.name.clone(),
    }
}

/// As etcdctl writes it.
pub(super) fn id(id: u64) -> String {
    format!("{id:x}")
}
