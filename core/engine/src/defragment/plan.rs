//! Which members are defragmented, and in which order: pure.

use serde::Serialize;

use super::unhealthy::Unhealthy;

/// What a member is in its cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It has no vote: nobody waits for it.
    Learner,
    /// It follows.
    Follower,
    /// All writes go through it.
    Leader,
}

/// What a member says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) role: Role,
    /// Bytes of its file, and of them those in use.
    pub(super) size: u64,
    pub(super) in_use: u64,
    /// The entries of the log that are committed as it knows, and those that it has applied.
    pub(super) committed: u64,
    pub(super) applied: u64,
}

impl Seen {
    pub(super) fn free(&self) -> u64 {
        self.size.saturating_sub(self.in_use)
    }
}

/// What has to be free in a file, at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MinGain {
    /// So many bytes.
    Bytes(u64),
    /// So many hundredths of the file, and 1 MiB: a small file has always some pages free, and a second defragmentation gains
    /// none of them.
    Percent(u8),
}

/// What a part of a small file must come to.
const LEAST: u64 = 1 << 20;

impl MinGain {
    pub(super) fn is_reached(self, member: &Seen) -> bool {
        match self {
            Self::Bytes(least) => member.free() >= least,
            Self::Percent(least) => {
                let free = u128::from(member.free()) * 100;
                member.free() >= LEAST && free >= u128::from(member.size) * u128::from(least)
            }
        }
    }
}

/// Entries that a member may lag behind the leader: as many as etcd lets pile up before it sends a snapshot instead is a hundred
/// thousand (`DefaultSnapshotCount`), and a lag that grows while others are blocked must not come near it.
const MOST_LAG: u64 = 5000;

/// All of them, in the order in which they are defragmented: who is waited for least first, the leader last.
///
/// Errors: a cluster that has not as many members at hand as it could lose.
pub(super) fn order(mut members: Vec<Seen>) -> Result<Vec<Seen>, Unhealthy> {
    let leaders = members
        .iter()
        .filter(|one| one.role == Role::Leader)
        .count();
    if leaders != 1 {
        return Err(Unhealthy::Leaders(leaders));
    }
    let committed = members.iter().map(|one| one.committed).max().unwrap_or(0);
    if let Some(behind) = members
        .iter()
        .find(|one| committed.saturating_sub(one.applied) > MOST_LAG)
    {
        return Err(Unhealthy::Behind {
            member: behind.name.clone(),
            entries: committed - behind.applied,
        });
    }
    members.sort_by(|a, b| (a.role, &a.name, a.id).cmp(&(b.role, &b.name, b.id)));
    Ok(members)
}

/// Who should lead in the place of the leader: the follower that has applied most. None in a cluster of one voter.
pub(super) fn successor(members: &[Seen]) -> Option<&Seen> {
    let followers = members.iter().filter(|one| one.role == Role::Follower);
    followers.max_by_key(|one| (one.applied, std::cmp::Reverse(&one.name)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn member(id: u64, role: Role, size: u64, in_use: u64) -> Seen {
        Seen {
            id,
            name: format!("m{id}"),
            role,
            size,
            in_use,
            committed: 100,
            applied: 100,
        }
    }

    fn role() -> impl Strategy<Value = Role> {
        prop_oneof![
            Just(Role::Learner),
            Just(Role::Follower),
            Just(Role::Leader)
        ]
    }

    proptest! {
        /// Whatever the members are: with one leader each comes once, and the leader last.
        #[test]
        fn the_leader_comes_last(roles in prop::collection::vec(role(), 0..8)) {
            let ids = 1..;
            let members: Vec<Seen> = ids.zip(&roles).map(|(id, role)| member(id, *role, 9, 5)).collect();
            let leaders = roles.iter().filter(|role| **role == Role::Leader).count();
            match order(members.clone()) {
                Ok(ordered) => {
                    prop_assert_eq!(leaders, 1);
                    prop_assert_eq!(ordered.len(), members.len());
                    prop_assert_eq!(ordered.last().map(|one| one.role), Some(Role::Leader));
                    prop_assert!(ordered.is_sorted_by_key(|one| one.role));
                    prop_assert!(members.iter().all(|one| ordered.contains(one)));
                    let chosen = successor(&ordered).map(|one| one.role);
                    let has_follower = roles.contains(&Role::Follower);
                    prop_assert_eq!(chosen, has_follower.then_some(Role::Follower));
                }
                Err(unhealthy) => prop_assert_eq!(unhealthy, Unhealthy::Leaders(leaders)),
            }
        }
    }

    #[test]
    fn the_follower_that_has_applied_most_takes_over() {
        let mut members = [
            member(1, Role::Leader, 9, 9),
            member(2, Role::Follower, 9, 9),
            member(3, Role::Follower, 9, 9),
            member(4, Role::Learner, 9, 9),
        ];
        assert_eq!(successor(&members).unwrap().id, 2);
        members[2].applied = 101;
        members[3].applied = 200;
        assert_eq!(successor(&members).unwrap().id, 3);
        assert_eq!(successor(&members[..1]), None);
    }

    /// A member that lags is one that the cluster has not: another that is blocked beside it may cost the quorum.
    #[test]
    fn a_member_that_lags_stops_it() {
        let mut members = vec![
            member(1, Role::Leader, 9, 9),
            member(2, Role::Follower, 9, 9),
        ];
        members[0].committed = 100 + MOST_LAG;
        assert!(order(members.clone()).is_ok());
        members[0].committed += 1;
        let behind = Unhealthy::Behind {
            member: "m2".to_owned(),
            entries: MOST_LAG + 1,
        };
        members[0].applied = members[0].committed;
        assert_eq!(order(members), Err(behind));
    }

    #[test]
    fn little_to_gain_is_measured_as_it_is_said() {
        let half = member(1, Role::Follower, 2 * LEAST, LEAST);
        for (least, is_reached) in [
            (MinGain::Bytes(0), true),
            (MinGain::Bytes(LEAST), true),
            (MinGain::Bytes(LEAST + 1), false),
            (MinGain::Percent(50), true),
            (MinGain::Percent(51), false),
            (MinGain::Percent(0), true),
        ] {
            assert_eq!(least.is_reached(&half), is_reached, "{least:?}");
        }
        // A file of 20 KiB was defragmented each time, and had 20 KiB afterwards.
        let small = member(1, Role::Follower, 20 << 10, 10 << 10);
        assert!(!MinGain::Percent(10).is_reached(&small) && MinGain::Bytes(1).is_reached(&small));
        // What etcd says may contradict itself.
        assert_eq!(member(1, Role::Follower, 5, 9).free(), 0);
        let largest = member(1, Role::Follower, u64::MAX, 0);
        assert!(MinGain::Percent(100).is_reached(&largest));
    }
}
