//! One directory is judged. Changes nothing.

use std::fs::File;
use std::path::{Path, PathBuf};

use bolt::Db;
use etcd::data_dir::{DB, WAL};
use etcd::replay::{Answer, Commitment, Servers, replay_on};
use etcd::store_state::{self, StoreState};
use etcd::wal::{Files, Log};

use super::candidate::{Candidate, Condition, Peer, Place, Standing};
use super::error::Result;
use crate::data_dir::{Aside, MemberLog, member_log, segments};
use crate::error::Error as System;
use crate::validate::{Facts, Finding, HeldLog, Mode, Validation, validate};

/// What the log and the database say of a member that is whole.
struct Read {
    member_id: Option<String>,
    members: Vec<Peer>,
    condition: Condition,
}

/// Judges the directory, as a validation does and then by its log to the end.
pub(super) async fn look(data_dir: PathBuf, servers: Servers) -> Result<Candidate> {
    let validation = Validation {
        data_dir: data_dir.clone(),
        mode: Mode::Full,
        guard: None,
        servers,
    };
    let validated = validate(None, &validation).await?;
    let facts = &validated.facts;
    let why = validated.explain_alone(&data_dir);
    let read = match &validated.finding {
        // The member is there, only not in its place.
        Finding::Absent if let Some(why) = moved_aside(&data_dir) => {
            Read::nothing(Condition::Unread { why })
        }
        Finding::InUse(_) => Read::nothing(Condition::InUse { why }),
        Finding::Unreadable(_) | Finding::LogNotMounted => Read::nothing(Condition::Unread { why }),
        Finding::Valid => {
            let dir = data_dir.clone();
            let reading = tokio::task::spawn_blocking(move || read(&dir, servers));
            let read = reading.await;
            let read = read.map_err(|died| System::Died(died.to_string()))?;
            let log_reaches = log_reaches(facts);
            let unusable = |error: etcd::Error| Condition::Unusable {
                log_reaches,
                why: format!("{}: {error}.", data_dir.display()),
            };
            read.unwrap_or_else(|error| Read::nothing(unusable(error)))
        }
        _ => Read::nothing(Condition::Unusable {
            log_reaches: log_reaches(facts),
            why,
        }),
    };
    // What the log has changed since counts.
    let voters = read.members.iter().filter(|peer| !peer.is_learner).count();
    Ok(Candidate {
        verdict: validated.finding.verdict(),
        condition: read.condition,
        member_id: read.member_id,
        cluster_id: facts.cluster_id.map(|id| format!("{id:x}")),
        members: read.members,
        voters: match voters {
            0 => facts.members,
            voters => voters,
        },
        remarks: facts.remarks.clone(),
        data_dir,
    })
}

/// Where the member is that a run which was killed had moved aside.
fn moved_aside(data_dir: &Path) -> Option<String> {
    let aside = Aside::without_another(data_dir)?;
    Some(format!(
        "{} holds no member: a run was killed here, and the member that it had moved aside is in {}; \
         `etcdbrctl initialize` puts it back before all else.",
        data_dir.display(),
        aside.dir().display()
    ))
}

fn log_reaches(facts: &Facts) -> Option<u64> {
    match facts.held_log {
        HeldLog::UpTo(last) | HeldLog::Torn(last, _) => Some(last),
        _ => None,
    }
}

impl Read {
    fn nothing(condition: Condition) -> Self {
        Self {
            member_id: None,
            members: Vec::new(),
            condition,
        }
    }
}

/// A member whose database is still to be exchanged for one that the leader has sent: an etcd does that when it
/// starts. How far it goes is known no closer than that.
fn received(data_dir: &Path, members: Vec<Peer>) -> Result<Read, etcd::Error> {
    let files = segments(&data_dir.join(WAL)).map_err(|source| etcd::Error::Read {
        what: WAL.to_owned(),
        source,
    })?;
    let log = Log::read(Files::new(files))?;
    let (last, state) = (log.snapshots().last(), log.hard_state());
    let index = last.map_or(0, |last| last.index).max(log.last_index());
    let place = Place {
        // Not less than that of the last entry.
        term: state.term,
        index,
        commit: state.commit,
    };
    let why =
        "its database is still to be exchanged for the one that the leader has sent".to_owned();
    Ok(Read {
        member_id: log.metadata().map(|owner| format!("{:x}", owner.node_id)),
        members,
        condition: Condition::Uncertain { place, why },
    })
}

fn read(data_dir: &Path, servers: Servers) -> Result<Read, etcd::Error> {
    let path = data_dir.join(DB);
    let file = File::open(&path).map_err(|source| etcd::Error::Read {
        what: path.display().to_string(),
        source,
    })?;
    let db = Db::open(file)?;
    let state = StoreState::read(&db)?;
    let stored = store_state::members(&db)?;
    let log = match member_log(data_dir, state.consistent_index)? {
        MemberLog::From(log) => *log,
        // A validation has seen both: the database came from the leader, and is not in its place yet.
        MemberLog::Absent | MemberLog::BeginsLater { .. } => {
            return received(data_dir, stored.iter().map(Peer::from).collect());
        }
    };
    let index = log.last_index();
    let place = Place {
        term: log.term(index).unwrap_or(0),
        index,
        commit: log.hard_state().commit.max(state.consistent_index),
    };
    let replayed = replay_on(&db, &log, Commitment::Held, servers)?;
    // A member that was added last stands in the log alone.
    let members = match &replayed.state {
        Some(state) => state.members().map(Peer::from).collect(),
        None => stored.iter().map(Peer::from).collect(),
    };
    let uncertain = |why: String| Condition::Uncertain { place, why };
    let condition = match replayed.answer {
        Answer::Exact(revision) => Condition::Valid(Standing { place, revision }),
        Answer::Between { stopped, .. } => uncertain(stopped.to_string()),
        Answer::Unreadable(why) => uncertain(why.to_string()),
    };
    let member_id = log.metadata().map(|owner| format!("{:x}", owner.node_id));
    Ok(Read {
        member_id,
        members,
        condition,
    })
}
