//! What the sidecar is, and the etcd beside it, in words.

use crate::known::Known;
use crate::sidecar::{Role, Word};
use crate::words::{ago, bytes};

/// A name, and what is known under it.
pub type Fact = (&'static str, String);

/// Of the sidecar and its etcd; none where only a store is looked at.
pub(super) fn member(known: &Known) -> Vec<Fact> {
    let Some(sidecar) = &known.sidecar else {
        return Vec::new();
    };
    let role = match &sidecar.role {
        Role::Unknown => "not known".to_owned(),
        Role::Leader => "leader: this sidecar takes the backups".to_owned(),
        Role::Follower { leader } => format!("follower; the etcd at {leader} leads"),
    };
    let etcd = match &sidecar.etcd {
        None => "not asked yet".to_owned(),
        Some(Ok(())) => "answers".to_owned(),
        Some(Err(why)) => format!("does not answer: {why}"),
    };
    let since = ago(sidecar.initialization.since, known.now);
    let initialization = match sidecar.initialization.state {
        Word::New => "none under way".to_owned(),
        Word::Progress => format!("under way, begun {since}"),
        Word::Successful => format!("succeeded {since}"),
        Word::Failed => format!("failed {since}"),
    };
    let mut facts = vec![
        ("Role", role),
        ("etcd", etcd),
        ("Initialization", initialization),
    ];
    if let Some(member) = &sidecar.member {
        let vote = if member.is_learner {
            "learner, without a vote"
        } else {
            "voter"
        };
        facts.extend([
            (
                "Member",
                format!("{} of cluster {}, {vote}", member.id, member.cluster),
            ),
            ("Version", member.version.clone()),
            (
                "Database",
                format!(
                    "{} in the file, {} in use",
                    bytes(member.db_bytes),
                    bytes(member.db_bytes_in_use)
                ),
            ),
        ]);
        facts.extend(member.quota.map(|quota| ("Quota", bytes(quota))));
    }
    facts
}
