//! Who belongs to the cluster of a member: its log says it, and its database.

use std::fs::File;

use etcd::membership::{MemberId, StoredMember};
use etcd::wal::Log;

use super::database::Open;

/// How many members know of its state, with itself; 0 when nothing says it. Learners are not
/// counted. Where it is not known whether this member votes, all are.
///
/// The log is believed first: etcdctl 3.4 leaves in the database the members of the cluster that a
/// snapshot was taken of.
pub(super) fn count_voters(open: Option<&Open>, log: Option<&Log<File>>) -> usize {
    let members = open.map_or(&[][..], |open| &open.members);
    let itself = log.and_then(Log::metadata).map(|owner| owner.node_id);
    let voters = log.and_then(|log| log.voters().ok()).unwrap_or_default();
    match itself {
        Some(itself) if voters.contains(&itself) => voters.len(),
        _ => stored(members, itself).max(voters.len()),
    }
}

fn stored(members: &[StoredMember], itself: Option<u64>) -> usize {
    let learners = || members.iter().filter(|member| member.is_learner);
    let is_voter = itself.is_some_and(|id| learners().all(|member| member.id.0 != id));
    match is_voter {
        true => members.len() - learners().count(),
        false => members.len(),
    }
}

/// What an operator must know of a database that does not name the member it belongs to, though it
/// stands where that is a voter already.
pub(super) fn stale(open: Option<&Open>, log: Option<&Log<File>>) -> Option<String> {
    let (open, log) = (open?, log?);
    let itself = MemberId(log.metadata()?.node_id);
    let is_named = open.members.iter().any(|member| member.id == itself);
    let is_applied = open.state.consistent_index >= log.start().index.max(1);
    if is_named || open.members.is_empty() || !is_applied || !log.voters().ok()?.contains(&itself.0)
    {
        return None;
    }
    let named: Vec<_> = open
        .members
        .iter()
        .map(|member| member.id.to_string())
        .collect();
    Some(format!(
        "the database names other members ({}) than the log ({itself}), as after a restore by etcdctl 3.4: \
         etcd up to 3.5 passes over that; one from 3.6 on takes them from the database, and does not serve. \
         For that restore the snapshot with `etcdbrctl restore` or etcdutl",
        named.join(", ")
    ))
}
