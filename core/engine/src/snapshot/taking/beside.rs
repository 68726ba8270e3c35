//! What no event carries: users, members, the version of what is stored.

use std::time::Duration;

use client::{AuthState, ErrorKind, Etcd, Member, Read};
use sha2::{Digest, Sha256};

use crate::backups::metadata::Beside;

/// What was seen.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) beside: Beside,
    /// The version of the member; `None` where it is told to root only (3.4).
    pub(super) version: Option<String>,
    /// The newest revision that the member has.
    pub(super) head: Option<i64>,
    /// Who asks may not: users are checked, and a watch that runs goes on all the same.
    pub(super) refused: Option<client::Error>,
}

/// Asks for all of it. What is not answered is not known.
pub(super) async fn look(etcd: &dyn Etcd) -> Looked {
    let (auth, members, status) =
        futures::join!(etcd.auth(), etcd.members(Read::Local), etcd.status());
    let (mut refused, mut unasked) = (None, None);
    let auth_revision = match answered(auth, &mut refused) {
        Some(AuthState::Known { revision, .. }) => Some(revision),
        Some(AuthState::NotTold) | None => None,
    };
    let members = answered(members, &mut refused);
    // etcd 3.4 tells its state to root only: that alone is no alarm.
    let status = answered(status, &mut unasked);
    let head = status.as_ref().map(|status| status.header.revision);
    Looked {
        head,
        beside: Beside {
            auth_revision,
            members: members.map(|found| hash(found.members)),
            storage_version: status.as_ref().and_then(|s| s.storage_version.clone()),
        },
        version: status.map(|status| status.version),
        refused,
    }
}

/// The answer, if there is one. That it is refused is kept.
fn answered<T>(answer: client::Result<T>, refused: &mut Option<client::Error>) -> Option<T> {
    match answer {
        Ok(answer) => Some(answer),
        Err(error) => {
            let kinds = [ErrorKind::Unauthenticated, ErrorKind::PermissionDenied];
            if kinds.contains(&error.kind()) {
                refused.get_or_insert(error);
            }
            None
        }
    }
}

/// Whatever their order.
fn hash(mut members: Vec<Member>) -> String {
    members.sort_by_key(|member| member.id);
    let mut hasher = Sha256::new();
    for member in &members {
        // A name that is not told yet comes with the first start, and is written to the store of members.
        let urls = [&member.peer_urls, &member.client_urls].map(|urls| urls.join(","));
        let [peer, client] = urls;
        let Member {
            id, name, learner, ..
        } = member;
        hasher.update(format!("{id:x} {name:?} {peer:?} {client:?} {learner}\n"));
    }
    hex::encode(hasher.finalize())
}

/// What has changed since then, as far as both are known.
pub(super) fn change(before: &Beside, now: &Beside) -> Option<&'static str> {
    fn differs<T: PartialEq>(before: Option<&T>, now: Option<&T>) -> bool {
        matches!((before, now), (Some(before), Some(now)) if before != now)
    }
    if differs(before.auth_revision.as_ref(), now.auth_revision.as_ref()) {
        return Some("users or roles");
    }
    if differs(before.members.as_ref(), now.members.as_ref()) {
        return Some("members");
    }
    let versions = [before, now].map(|beside| beside.storage_version.as_ref());
    differs(versions[0], versions[1]).then_some("the version of what is stored")
}

/// What is known now, where something is not answered: what was known before.
pub(super) fn merge(before: Beside, now: Beside) -> Beside {
    Beside {
        auth_revision: now.auth_revision.or(before.auth_revision),
        members: now.members.or(before.members),
        storage_version: now.storage_version.or(before.storage_version),
    }
}

/// When a full is due for a change: not more often than every so long.
#[derive(Debug, Default)]
pub(super) struct Changes {
    last: Option<Duration>,
    waits: bool,
}

impl Changes {
    /// Something has changed.
    pub(super) fn seen(&mut self) {
        self.waits = true;
    }

    /// Whether a full is due for it now; said once.
    pub(super) fn are_due(&mut self, now: Duration, between: Duration) -> bool {
        let rested = self
            .last
            .is_none_or(|last| now.saturating_sub(last) >= between);
        let due = self.waits && rested;
        if due {
            (self.waits, self.last) = (false, Some(now));
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beside(auth: Option<u64>, members: &str) -> Beside {
        Beside {
            auth_revision: auth,
            members: Some(members.to_owned()),
            storage_version: None,
        }
    }

    /// A user that was added was lost by a restore: no event tells of it.
    #[test]
    fn a_change_is_seen_and_what_is_not_told_is_none() {
        let now = beside(Some(2), "a");
        assert_eq!(change(&now, &now), None);
        assert_eq!(change(&beside(Some(1), "a"), &now), Some("users or roles"));
        assert_eq!(change(&beside(None, "a"), &now), None);
        assert_eq!(change(&beside(Some(2), "b"), &now), Some("members"));
        assert_eq!(merge(now.clone(), Beside::default()), now);
    }

    /// Somebody who adds a user each second made a full each second.
    #[test]
    fn changes_that_come_often_take_one_full_after_another_with_rests() {
        let mut changes = Changes::default();
        let between = Duration::from_secs(60);
        let mut fulls = Vec::new();
        for second in 0..200 {
            if second < 150 {
                changes.seen();
            }
            if changes.are_due(Duration::from_secs(second), between) {
                fulls.push(second);
            }
        }
        assert_eq!(fulls, [0, 60, 120, 180]);
    }
}
