//! What is written into a lease, by what stands in it. Pure. `None`: it stays as it is.

use jiff::Timestamp;

use crate::lease::{Lease, Renewal};

/// By which etcd-druid sees that peers may be asked by TLS.
pub const PEER_TLS: &str = "member.etcd.gardener.cloud/tls-enabled";

/// The newest full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full {
    /// The revision of its name.
    pub revision: i64,
    /// The time of its name.
    pub created: Timestamp,
}

/// The deltas after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deltas {
    /// The last revision of the newest one, if there is one.
    pub revision: Option<i64>,
    /// The revision of the full before them.
    pub full: i64,
    /// The last moment at which the store held all that etcd had.
    pub complete_until: Timestamp,
}

/// A member whose etcd answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: u64,
    /// That of its cluster.
    pub cluster: u64,
    /// Whether it leads.
    pub role: MemberRole,
    /// Whether it listens to its peers by TLS.
    pub peers: Peers,
}

/// What a member is for the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberRole {
    /// It leads.
    Leader,
    /// It does not.
    Member,
}

/// How a member listens to its peers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peers {
    /// By TLS.
    Tls,
    /// Without.
    Clear,
}

/// That of the fulls. A writer that is behind changes nothing: an older full, of a lower revision or of the same one. A lower
/// revision that was taken later is of another history, since somebody restored an older state.
pub fn full(lease: &Lease, newest: Full) -> Option<Renewal> {
    let held = revision(lease);
    let is_older = lease
        .renewed
        .is_some_and(|renewed| newest.created <= renewed);
    if held.is_some_and(|held| held >= newest.revision) && is_older {
        return None;
    }
    Some(Renewal {
        holder: newest.revision.to_string(),
        at: newest.created,
        annotation: None,
    })
}

/// That of the deltas. It is renewed when nothing was written too: etcd-druid takes one that is not for a failure.
pub fn delta(lease: &Lease, deltas: Deltas) -> Option<Renewal> {
    // Without a delta after the newest full, that of the full before was the last one. One above the full is of another history:
    // etcd-druid would start a compaction of what is between.
    let before = revision(lease).filter(|before| *before <= deltas.full);
    let holder = deltas.revision.or(before).unwrap_or(0).to_string();
    let at = deltas
        .complete_until
        .max(lease.renewed.unwrap_or(Timestamp::MIN));
    let is_there = lease.holder.as_ref() == Some(&holder) && lease.renewed == Some(at);
    (!is_there).then_some(Renewal {
        holder,
        at,
        annotation: None,
    })
}

/// That of a member.
pub fn member(member: Member, now: Timestamp) -> Renewal {
    let role = match member.role {
        MemberRole::Leader => "Leader",
        MemberRole::Member => "Member",
    };
    let is_tls = member.peers == Peers::Tls;
    Renewal {
        holder: format!("{:x}:{:x}:{role}", member.id, member.cluster),
        at: now,
        annotation: Some((PEER_TLS, is_tls.to_string())),
    }
}

/// The revision that a lease holds, if that is one.
fn revision(lease: &Lease) -> Option<i64> {
    lease
        .holder
        .as_deref()
        .and_then(|holder| holder.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_338_849 + second).unwrap()
    }

    fn lease(holder: Option<&str>, renewed: Option<i64>) -> Lease {
        Lease {
            resource_version: "1".to_owned(),
            holder: holder.map(str::to_owned),
            renewed: renewed.map(at),
            annotations: Default::default(),
        }
    }

    fn taken(revision: i64, second: i64) -> Full {
        let created = at(second);
        Full { revision, created }
    }

    #[test]
    fn a_lease_of_fulls_goes_on_and_never_back() {
        let renewed = full(&lease(None, None), taken(7, 0)).unwrap();
        assert_eq!((renewed.holder.as_str(), renewed.at), ("7", at(0)));
        let held = lease(Some("7"), Some(0));
        assert_eq!(full(&held, taken(7, 0)), None);
        // One that was taken of an etcd that nobody writes to.
        assert_eq!(full(&held, taken(7, 60)).unwrap().at, at(60));
        assert_eq!(full(&held, taken(9, 60)).unwrap().holder, "9");
        // Of one that led before.
        assert_eq!(full(&held, taken(5, -60)), None);
        // etcd-backup-restore leaves it at the higher one for ever.
        assert_eq!(full(&held, taken(5, 60)).unwrap().holder, "5");
        assert!(full(&lease(Some("etcd-main-0"), Some(90)), taken(7, 60)).is_some());
    }

    #[test]
    fn a_lease_of_deltas_is_renewed_while_nothing_is_written() {
        let deltas = |revision, second| Deltas {
            revision,
            full: 9,
            complete_until: at(second),
        };
        let renewed = delta(&lease(None, None), deltas(None, 0)).unwrap();
        assert_eq!((renewed.holder.as_str(), renewed.at), ("0", at(0)));
        let held = lease(Some("9"), Some(0));
        // Uploads fail: until when all is there stays.
        assert_eq!(delta(&held, deltas(Some(9), 0)), None);
        assert_eq!(delta(&held, deltas(Some(9), 20)).unwrap().at, at(20));
        let after_a_full = delta(&held, deltas(None, 20)).unwrap();
        assert_eq!(after_a_full.holder, "9");
        // Somebody restored an older state.
        let of_another = delta(&lease(Some("812"), Some(0)), deltas(None, 20));
        assert_eq!(of_another.unwrap().holder, "0");
    }

    #[test]
    fn a_member_says_what_it_is() {
        let said = member(
            Member {
                id: 0x8e9e_05c5_2164_694d,
                cluster: 0x00ab,
                role: MemberRole::Leader,
                peers: Peers::Tls,
            },
            at(0),
        );
        assert_eq!(said.holder, "8e9e05c52164694d:ab:Leader");
        assert_eq!(said.annotation, Some((PEER_TLS, "true".to_owned())));
    }

    proptest! {
        /// Two who write in any order: what stays is what was taken last.
        #[test]
        fn of_two_fulls_the_later_stays(a in (0..9_i64, 0..9_i64), b in (0..9_i64, 0..9_i64)) {
            prop_assume!(a.1 != b.1);
            let mut held = lease(None, None);
            for (revision, second) in [a, b] {
                if let Some(renewal) = full(&held, taken(revision, second)) {
                    held.holder = Some(renewal.holder);
                    held.renewed = Some(renewal.at);
                }
            }
            let later = if a.1 > b.1 { a } else { b };
            let other = if a.1 > b.1 { b } else { a };
            // One that holds more and was taken before is written where it comes last: it is of this history then.
            let meant = if later == a && other.0 > later.0 { other } else { later };
            prop_assert_eq!(held.holder, Some(meant.0.to_string()));
        }

        /// The time of a lease never goes back.
        #[test]
        fn a_lease_of_deltas_never_goes_back(until in 0..9_i64, renewed in 0..9_i64) {
            let held = lease(Some("1"), Some(renewed));
            let deltas = Deltas { revision: Some(2), full: 1, complete_until: at(until) };
            prop_assert!(delta(&held, deltas).unwrap().at >= at(renewed));
        }
    }
}
