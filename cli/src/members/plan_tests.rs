use std::collections::BTreeSet;

use client::Member;
use proptest::prelude::*;

use super::{Own, Plan, Seen, plan};
use crate::members::MemberMark;

const CLUSTER: u64 = 0xc1;

fn voter(id: u64, name: &str) -> Member {
    Member {
        id,
        name: name.to_owned(),
        peer_urls: vec![format!("http://{name}:2380")],
        client_urls: vec![format!("http://{name}:2379")],
        learner: false,
    }
}

/// One that was added and has not started.
fn added(id: u64, name: &str) -> Member {
    Member {
        name: String::new(),
        client_urls: Vec::new(),
        learner: true,
        ..voter(id, name)
    }
}

fn own(name: &str) -> Own {
    Own {
        name: name.to_owned(),
        peer_urls: vec![format!("http://{name}:2380")],
        mark: None,
    }
}

fn marked(name: &str, cluster: u64, id: u64) -> Own {
    let mark = MemberMark {
        cluster_id: format!("{cluster:x}"),
        member_id: format!("{id:x}"),
        pod: None,
    };
    Own {
        mark: Some(mark),
        ..own(name)
    }
}

fn seen(members: &[Member], answering: &[u64]) -> Seen {
    Seen {
        cluster_id: CLUSTER,
        members: members.to_vec(),
        answering: answering.iter().copied().collect(),
    }
}

/// A member that was told `new` where a cluster serves made a cluster of its own ("cluster ID mismatch").
#[test]
fn a_lost_member_is_removed_then_added_then_joins() {
    let (a, b, c) = (voter(1, "a"), voter(2, "b"), voter(3, "c"));
    let all = [a, b.clone(), c.clone()];
    assert_eq!(plan(&own("a"), &seen(&all, &[2, 3])), Plan::Remove(1));
    let rest = [b.clone(), c.clone()];
    assert_eq!(plan(&own("a"), &seen(&rest, &[2, 3])), Plan::Add);
    let again = [b, c, added(4, "a")];
    let names = ["b", "c", "a"].map(str::to_owned).to_vec();
    let joins = plan(&marked("a", CLUSTER, 1), &seen(&again, &[2, 3]));
    assert_eq!(joins, Plan::Join { id: 4, names });
}

/// Two members that were added one right after the other: when the first of all restarted between them, the quorum was lost
/// for good. A second one waits until the first has its vote, and until a quorum of the others answers.
#[test]
fn one_after_the_other() {
    let (a, b, c) = (voter(1, "a"), voter(2, "b"), voter(3, "c"));
    let waiting = [a.clone(), b.clone(), added(4, "c")];
    let told = plan(&own("d"), &seen(&waiting, &[1, 2]));
    assert!(
        matches!(&told, Plan::Wait(why) if why.contains("http://c:2380")),
        "{told:?}"
    );
    let told = plan(&own("a"), &seen(&[a, b, c], &[2]));
    assert!(
        matches!(&told, Plan::Wait(why) if why.starts_with("1 of the 2")),
        "{told:?}"
    );
}

/// The volumes of two members were swapped, and each was taken for a lost one.
#[test]
fn a_volume_of_another_is_refused() {
    let all = [voter(1, "a"), voter(2, "b"), voter(3, "c")];
    let told = plan(&marked("a", CLUSTER, 2), &seen(&all, &[3]));
    assert!(
        matches!(&told, Plan::Refuse(why) if why.contains("volume of member 2 (b)")),
        "{told:?}"
    );
    let told = plan(&marked("a", 0xbad, 1), &seen(&all, &[2, 3]));
    assert!(
        matches!(&told, Plan::Refuse(why) if why.contains("bad")),
        "{told:?}"
    );
}

#[test]
fn a_member_that_serves_is_not_removed() {
    let all = [voter(1, "a"), voter(2, "b"), voter(3, "c")];
    let told = plan(&own("a"), &seen(&all, &[1, 2, 3]));
    assert!(
        matches!(&told, Plan::Refuse(why) if why.contains("already")),
        "{told:?}"
    );
    // Its name is one member's, and its URL another's.
    let mixed = Own {
        peer_urls: vec!["http://b:2380".to_owned()],
        ..own("a")
    };
    assert!(matches!(plan(&mixed, &seen(&all, &[3])), Plan::Refuse(_)));
}

prop_compose! {
    fn members()(states in proptest::collection::vec((0..3_u8, any::<bool>()), 1..6)) -> (Vec<Member>, BTreeSet<u64>) {
        let mut members = Vec::new();
        let mut answering = BTreeSet::new();
        for (number, (state, answers)) in states.into_iter().enumerate() {
            let id = number as u64 + 1;
            let name = format!("m{id}");
            members.push(match state {
                0 => added(id, &name),
                1 => Member { learner: true, ..voter(id, &name) },
                _ => voter(id, &name),
            });
            if answers && state > 0 {
                answering.insert(id);
            }
        }
        (members, answering)
    }
}

proptest! {
    /// Whoever is there: nobody else is removed, and no change costs the others their quorum.
    #[test]
    fn no_change_costs_a_quorum((members, answering) in members(), number in 1..7_u64) {
        let own = own(&format!("m{number}"));
        let seen = Seen { cluster_id: CLUSTER, members: members.clone(), answering: answering.clone() };
        let others = members.iter().filter(|member| member.id != number);
        let voters: Vec<_> = others.filter(|member| !member.learner).collect();
        let alive = voters.iter().filter(|member| answering.contains(&member.id)).count();
        match plan(&own, &seen) {
            Plan::Remove(id) => {
                prop_assert_eq!(id, number);
                prop_assert!(!answering.contains(&id));
                prop_assert!(alive > voters.len() / 2);
            }
            Plan::Add => {
                prop_assert!(members.iter().all(|member| member.id != number && !member.learner));
                prop_assert!(alive > voters.len() / 2);
            }
            Plan::Join { id, names } => {
                prop_assert_eq!(id, number);
                prop_assert_eq!(names.last(), Some(&own.name));
                prop_assert_eq!(names.len(), members.len());
            }
            Plan::Wait(_) | Plan::Refuse(_) => {}
        }
    }
}
