//! What would be done. Changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use etcd::data_dir::DB;
use etcd::replay::Servers;
use serde::Serialize;

use super::backup::Backup;
use super::candidate::{Candidate, Condition, Peer, Standing};
use super::choose::{Choice, Doubt, Seen, choose};
use super::error::{Error, Result};
use super::identity::{NewMember, Wanted};
use super::look::look;
use crate::backups::DatabaseFile;

/// What is left of a cluster, and who shall go on.
#[derive(Debug, Clone)]
pub struct Request {
    /// The data directories of its members that can be reached.
    pub data_dirs: Vec<PathBuf>,
    /// Which etcd will start.
    pub servers: Servers,
    /// Who the one member will be.
    pub wanted: Wanted,
    /// What the backups lead to, where they were asked.
    pub backup: Option<Backup>,
}

/// What would be done.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// All directories, as they were given.
    pub candidates: Vec<Candidate>,
    /// The place of the chosen one among them.
    pub chosen: usize,
    /// Where it stands.
    pub standing: Standing,
    /// The id of the cluster that lost its quorum, in hex.
    pub cluster_id: String,
    /// The one member of the new cluster.
    pub member: NewMember,
    /// The other members of the old cluster, by the word of the chosen one.
    pub others: Vec<Peer>,
    /// What the backups lead to, which is not further.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<Backup>,
    /// What an operator must know before it is done.
    pub warnings: Vec<String>,
    #[serde(skip)]
    pub(super) servers: Servers,
}

/// Looks at the directories, and chooses.
pub async fn plan(request: &Request) -> Result<Plan> {
    refuse_mistyped(&request.data_dirs)?;
    let backup = request.backup.as_ref();
    let mut candidates = Vec::new();
    for data_dir in &request.data_dirs {
        candidates.push(look(data_dir.clone(), request.servers).await?);
    }
    let seen: Vec<Seen> = candidates.iter().map(Candidate::seen).collect();
    let chosen = match choose(&seen) {
        Choice::Take(chosen) => chosen,
        Choice::Nothing => return Err(Error::nothing_valid(&candidates, backup)),
        Choice::Refuse(doubt) => return Err(Error::of_doubt(&candidates, doubt)),
    };
    let (Some(candidate), Some(one)) = (candidates.get(chosen), seen.get(chosen)) else {
        return Err(Error::nothing_valid(&candidates, backup));
    };
    let (Condition::Valid(standing), Some(cluster_id)) = (&one.condition, &one.cluster) else {
        return Err(Error::nothing_valid(&candidates, backup));
    };
    let mut warnings = warnings(&candidates, candidate, *standing);
    match backup {
        Some(other) if !other.may_be_of(cluster_id) => warnings.push(format!(
            "the backups in {} are of other clusters, and say nothing of this one",
            other.location
        )),
        Some(further) if further.revision > standing.revision => {
            return Err(Error::BackupFurther {
                location: further.location.clone(),
                lineage: further.lineage.clone(),
                revision: further.revision,
                data_dir: candidate.data_dir.clone(),
                reached: standing.revision,
            });
        }
        _ => {}
    }
    let others = candidate.members.iter();
    let others = others.filter(|peer| Some(&peer.member_id) != candidate.member_id.as_ref());
    Ok(Plan {
        chosen,
        standing: *standing,
        cluster_id: cluster_id.clone(),
        member: NewMember::of(candidate, &request.wanted)?,
        others: others.cloned().collect(),
        backup: request.backup.clone(),
        warnings,
        servers: request.servers,
        candidates,
    })
}

impl Plan {
    /// The directory that is gone on from.
    pub fn data_dir(&self) -> Option<&PathBuf> {
        self.candidates.get(self.chosen).map(|one| &one.data_dir)
    }

    /// The database that is gone on from.
    pub fn database(&self) -> Result<DatabaseFile> {
        let data_dir = self.data_dir().cloned().unwrap_or_default();
        Ok(DatabaseFile::find(&data_dir.join(DB))?)
    }

    /// Fails unless `typed` is the id of the cluster that lost its quorum.
    pub fn confirm(&self, typed: u64) -> Result<()> {
        match format!("{typed:x}") == self.cluster_id {
            true => Ok(()),
            false => Err(Error::OtherCluster {
                typed: format!("{typed:x}"),
                found: self.cluster_id.clone(),
            }),
        }
    }
}

impl Candidate {
    fn seen(&self) -> Seen {
        Seen {
            cluster: self.cluster_id.clone(),
            voters: self.voters,
            votes: self.votes(),
            condition: self.condition.clone(),
        }
    }
}

fn refuse_mistyped(data_dirs: &[PathBuf]) -> Result<()> {
    let mut known: Vec<PathBuf> = Vec::new();
    for data_dir in data_dirs {
        // One whose disk was lost may be empty; one that is not there is mistyped, or not mounted.
        if !data_dir.is_dir() {
            return Err(Error::NotThere {
                data_dir: data_dir.clone(),
            });
        }
        let real = data_dir.canonicalize().unwrap_or_else(|_| data_dir.clone());
        if known.contains(&real) {
            return Err(Error::GivenTwice {
                data_dir: data_dir.clone(),
            });
        }
        known.push(real);
    }
    Ok(())
}

/// What may be missing from the chosen one.
fn warnings(candidates: &[Candidate], chosen: &Candidate, standing: Standing) -> Vec<String> {
    let mut warnings = Vec::new();
    for one in candidates {
        let index = standing.place.index;
        match &one.condition {
            Condition::Unusable {
                log_reaches: Some(last),
                why,
            } if *last > index => warnings.push(format!(
                "passed over: {why} Its log goes on to entry {last}: what it holds after entry {index} is lost"
            )),
            Condition::Unusable { why, .. } => {
                warnings.push(format!("passed over, whatever it holds: {why}"));
            }
            _ => {}
        }
    }
    let is_seen = |one: &&Candidate| !matches!(one.condition, Condition::Unusable { .. });
    let mut members = BTreeMap::new();
    for one in candidates.iter().filter(is_seen) {
        let Some(id) = &one.member_id else { continue };
        let dirs: &mut Vec<&Candidate> = members.entry(id).or_default();
        dirs.push(one);
        if let [first, .., last] = dirs.as_slice() {
            warnings.push(format!(
                "{} and {} are both of member {id}, which counts once: one of them is a copy",
                first.data_dir.display(),
                last.data_dir.display()
            ));
        }
    }
    let voting = members.values().flatten().filter(|one| one.votes());
    let voting: BTreeSet<_> = voting.map(|one| &one.member_id).collect();
    if chosen.itself().is_some_and(|peer| peer.is_learner) {
        warnings.push(format!(
            "{} is of a learner: it will be the one voting member",
            chosen.data_dir.display()
        ));
    }
    if chosen.is_removed() {
        warnings.push(format!(
            "{} is of a member that its cluster had removed: what the others wrote since is not in it",
            chosen.data_dir.display()
        ));
    }
    let (seen, voters) = (voting.len(), chosen.voters);
    let majority = voters / 2 + 1;
    if seen < majority {
        warnings.push(format!(
            "{seen} of {voters} voting members could be read here: where no majority of them is read, the last writes \
             that clients were promised may be on the others alone"
        ));
    }
    warnings
}

impl Error {
    fn of_doubt(candidates: &[Candidate], doubt: Doubt) -> Self {
        let dir = |at: usize| {
            candidates
                .get(at)
                .map(|one| one.data_dir.clone())
                .unwrap_or_default()
        };
        let cluster = |at: usize| {
            let one = candidates.get(at);
            one.and_then(|one| one.cluster_id.clone())
                .unwrap_or_default()
        };
        let why = |at: usize| match candidates.get(at).map(|one| &one.condition) {
            Some(
                Condition::Uncertain { why, .. }
                | Condition::Unread { why }
                | Condition::InUse { why },
            ) => why.clone(),
            _ => String::new(),
        };
        match doubt {
            Doubt::InUse(at) => Self::InUse { why: why(at) },
            Doubt::Unread(at) => Self::Unread { why: why(at) },
            Doubt::TwoClusters(one, other) => Self::TwoClusters {
                dirs: [dir(one), dir(other)],
                clusters: [cluster(one), cluster(other)],
            },
            Doubt::Alone(at) => Self::Alone {
                data_dir: dir(at),
                cluster_id: cluster(at),
            },
            Doubt::Uncertain(at) => Self::Uncertain {
                data_dir: dir(at),
                why: why(at),
            },
            Doubt::NotOne(one, other) | Doubt::Contradicted(one, other) => Self::NoOrder {
                dirs: [dir(one), dir(other)],
                is_of_commit: matches!(doubt, Doubt::Contradicted(..)),
            },
        }
    }

    fn nothing_valid(candidates: &[Candidate], backup: Option<&Backup>) -> Self {
        let why = |one: &Candidate| match &one.condition {
            Condition::Unusable { why, .. } => why.clone(),
            _ => one.data_dir.display().to_string(),
        };
        let mut found: Vec<String> = candidates.iter().map(why).collect();
        found.extend(backup.map(|backup| {
            let (place, revision) = (&backup.location, backup.revision);
            format!("The backups in {place} lead to revision {revision}.")
        }));
        Self::NothingValid {
            found: found.join(" "),
        }
    }
}
