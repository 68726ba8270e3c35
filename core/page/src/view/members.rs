//! The members of the cluster, each as a row.

use crate::known::Known;
use crate::members::{ClusterMember, Said, Standing};
use crate::words::{ago, bytes, grouped};

/// One member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// Its name.
    pub name: String,
    /// What it is for the others.
    pub role: &'static str,
    /// Its newest revision.
    pub revision: String,
    /// Its database file.
    pub database: String,
    /// Whether it answers, and since when.
    pub answers: String,
}

const NOT_KNOWN: &str = "not known";

/// All of them, where there are several; none where nobody was asked yet.
pub(super) fn members(known: &Known) -> Vec<MemberRow> {
    let members = known.sidecar.as_ref().and_then(|one| one.members.as_ref());
    let members = members.filter(|members| members.len() > 1);
    let rows = members.into_iter().flatten().map(|one| row(known, one));
    rows.collect()
}

fn row(known: &Known, member: &ClusterMember) -> MemberRow {
    let role = match member.standing {
        Standing::Leader => "leader",
        Standing::Follower => "follower",
        Standing::Learner => "learner",
        Standing::Unknown => NOT_KNOWN,
    };
    let (revision, database, answers) = match &member.said {
        Said::Stands {
            revision,
            db_bytes,
            at,
        } => (
            grouped(*revision),
            bytes(*db_bytes),
            format!("yes, {}", ago(*at, known.now)),
        ),
        Said::Nothing { since, .. } => (
            NOT_KNOWN.to_owned(),
            NOT_KNOWN.to_owned(),
            format!("no, the first time {}", ago(*since, known.now)),
        ),
    };
    MemberRow {
        name: member.name.clone(),
        role,
        revision,
        database,
        answers,
    }
}
