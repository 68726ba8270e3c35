//! What a member that has no data directory to start on has to do so that it serves again, by what those who serve say.
//! Pure.

use std::collections::BTreeSet;

use client::Member;

use super::mark::MemberMark;

/// The member that wants to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Own {
    /// As etcd's configuration has them.
    pub(crate) name: String,
    pub(crate) peer_urls: Vec<String>,
    /// Which member has served on this volume before, if any.
    pub(crate) mark: Option<MemberMark>,
}

/// What those who serve say, agreed among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) cluster_id: u64,
    pub(crate) members: Vec<Member>,
    /// Those that answer for themselves now, by id.
    pub(crate) answering: BTreeSet<u64>,
}

impl Seen {
    /// Whether it was one of them, and is not any more.
    pub(crate) fn has_removed(&self, mark: &MemberMark) -> bool {
        let is_listed = |id: &str| {
            self.members
                .iter()
                .any(|member| format!("{:x}", member.id) == id)
        };
        mark.cluster_id == format!("{:x}", self.cluster_id) && !is_listed(&mark.member_id)
    }
}

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    /// It has a place that nobody has taken yet, and gets its state from the others.
    Join {
        /// Its id.
        id: u64,
        /// All their names, its own last.
        names: Vec<String>,
    },
    /// It is to be added as a learner.
    Add,
    /// The member of this id has its place and does not come back: it is to be removed.
    Remove(u64),
    /// Not now, and why.
    Wait(String),
    /// Never without a human, and why.
    Refuse(String),
}

/// What comes next. A place is given up only where the others hold a quorum without it, and taken only where nobody else
/// is about to join.
pub(crate) fn plan(own: &Own, seen: &Seen) -> Plan {
    if let Some(why) = is_of_another(own, seen) {
        return Plan::Refuse(why);
    }
    let (mut places, others): (Vec<_>, Vec<_>) =
        seen.members.iter().partition(|member| is_own(own, member));
    let place = match (places.pop(), places.is_empty()) {
        (Some(_), false) => {
            return Plan::Refuse(format!(
                "two members have the name {} or its peer URLs ({}): remove the one that is none any more",
                own.name,
                own.peer_urls.join(",")
            ));
        }
        (place, _) => place,
    };
    match place {
        Some(place) if place.client_urls.is_empty() => {
            let mut names: Vec<_> = others.iter().map(|member| member.name.clone()).collect();
            names.push(own.name.clone());
            Plan::Join {
                id: place.id,
                names,
            }
        }
        // It has told where clients find it, so it has started: it has voted, and does not know any more for whom.
        Some(place) if seen.answering.contains(&place.id) => Plan::Refuse(format!(
            "member {:x} serves as {} already, from another data directory: stop one of the two",
            place.id, own.name
        )),
        place => {
            let may_change = may_change(seen, &others);
            match (may_change, place) {
                (Err(why), _) => Plan::Wait(why),
                (Ok(()), Some(place)) => Plan::Remove(place.id),
                (Ok(()), None) => Plan::Add,
            }
        }
    }
}

fn is_own(own: &Own, member: &Member) -> bool {
    // One that was added has no name before it starts.
    let is_named = member.name == own.name;
    is_named
        || member
            .peer_urls
            .iter()
            .any(|url| own.peer_urls.contains(url))
}

/// Why the volume is none of this member.
fn is_of_another(own: &Own, seen: &Seen) -> Option<String> {
    let mark = own.mark.as_ref()?;
    let serves = format!("{:x}", seen.cluster_id);
    if mark.cluster_id != serves {
        return Some(format!(
            "a member of cluster {} has served on this volume, and the members that answer are of cluster {serves}: \
             mount the right volume, or correct the endpoints. If that cluster was made anew, as by `etcdbrctl recover-quorum`, move \
             the data directory away, and its .etcdbr-member beside it",
            mark.cluster_id
        ));
    }
    let marked = |member: &&Member| format!("{:x}", member.id) == mark.member_id;
    let other = seen.members.iter().find(marked)?;
    (!is_own(own, other)).then(|| {
        format!(
            "this is the volume of member {} ({}), not of {}: mount each at its own member",
            mark.member_id, other.name, own.name
        )
    })
}

/// Whether members may change now, or why not.
fn may_change(seen: &Seen, others: &[&Member]) -> Result<(), String> {
    let joining = |member: &&&Member| member.learner || member.client_urls.is_empty();
    if let Some(joining) = others.iter().find(joining) {
        return Err(format!(
            "member {:x} ({}) is about to join: it has to serve with a vote first, or to be removed",
            joining.id,
            joining.peer_urls.join(",")
        ));
    }
    let answer = others
        .iter()
        .filter(|member| seen.answering.contains(&member.id))
        .count();
    let quorum = others.len() / 2 + 1;
    match answer < quorum {
        true => Err(format!(
            "{answer} of the {} other members answer for themselves, and {quorum} are needed before members may change: \
             start the others first",
            others.len()
        )),
        false => Ok(()),
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
