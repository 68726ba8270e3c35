use bolt::{Db, ReadAt};

use crate::Error;
use crate::membership::MemberId;
use crate::mvcc::KeyValue;
use crate::revision::{Entry, Kind, Revision};
use crate::store_state::{StoreState, members};
use crate::wal::Log;

use super::alarms::Origin;
use super::anchor::{Lead, leads_to};
use super::answer::{Answer, Reason};
use super::lagging_index::disarms_what_is_not_raised;
use super::run::replay_from;
use super::servers::{ServerVersion, Servers};
use super::state::State;
use super::{Commitment, Unreadable};

/// Writes that a member's log still holds and that follow on a full snapshot of the same raft
/// history.
///
/// Where deltas follow on the full too, they must hold just what the log regenerates: have each of
/// their events [checked](Salvage::check), in order. Then [`beyond`](Salvage::beyond) tells what
/// no delta has.
#[derive(Debug)]
pub struct Salvage<'a, D, W> {
    state: State<'a, D, W>,
    /// Of the full.
    base: i64,
    /// Whether the log asks for what the full holds last, and the full surely holds what its last
    /// entry did.
    leads_to_full: bool,
    checked: Option<Revision>,
    /// Why the log was not read to its end, if it was not.
    unproven: Option<String>,
}

/// etcd 3.5.0 to 3.5.2 may commit the index of an entry before its effect (etcd issue 13766). A full
/// made just then lacks one change, and all after it would get the wrong revisions: only deltas
/// show that it does not.
fn may_be_one_short(cluster_version: Option<&str>, servers: Servers) -> bool {
    let of_3_5 = cluster_version.is_none_or(|version| version.starts_with("3.5."));
    let spared = match servers {
        Servers::Any => false,
        Servers::Only(version) => version >= ServerVersion { minor: 5, patch: 3 },
    };
    of_3_5 && !spared
}

/// Why nothing can be salvaged. A log of another history would put its writes among those of the
/// backups: whatever is not proven is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The log does not say whose it is.
    #[error("the log does not say whose it is")]
    Anonymous,
    /// The log is of a member that the full does not know.
    #[error("the log is of member {0}, and the full snapshot knows no such member")]
    Foreign(MemberId),
    /// The log does not go on where the full stands.
    #[error(transparent)]
    Apart(#[from] Unreadable),
    /// An entry could not be applied with certainty.
    #[error("the log cannot be replayed with certainty: {0}")]
    Uncertain(String),
    /// The log and a delta tell different stories.
    #[error(
        "at revision {0} the log and the deltas hold different events: they are of two histories"
    )]
    Diverged(Revision),
    /// Nothing ties the log to the full but the number of an entry.
    #[error(
        "nothing proves that the log goes on where the full snapshot stands: before that place it \
         does not ask for what the full holds last (or the full may lack a change, as those of \
         early etcd 3.5 may), and no delta holds what the log holds too; it may have been begun by \
         a restore since"
    )]
    Unproven,
    /// Bytes could not be had.
    #[error(transparent)]
    Failed(#[from] Error),
}

impl<'a, D: ReadAt, W: ReadAt> Salvage<'a, D, W> {
    /// Replays after a full what `log` proves committed. The log must be
    /// [started](Log::starting_at) not after the full, see [`Log::start_before`].
    pub fn begin(full: &'a Db<D>, log: &'a Log<W>, servers: Servers) -> Result<Self, Refused> {
        let owner = log.metadata().ok_or(Refused::Anonymous)?;
        let owner = MemberId(owner.node_id);
        if !members(full)?.iter().any(|member| member.id == owner) {
            return Err(Refused::Foreign(owner));
        }
        let at = StoreState::read(full)?;
        if let Some(index) = disarms_what_is_not_raised(full, &at, log, servers)? {
            return Err(Refused::Uncertain(format!(
                "entry {index} disarms an alarm that the full snapshot does not have, so the entries before \
                 it may have been refused: etcd 3.4 saves no index while it refuses puts"
            )));
        }
        let replayed = replay_from(full, log, Commitment::Restart, (servers, Origin::Midway))?;
        let unproven = match replayed.answer {
            Answer::Exact(_) => None,
            Answer::Unreadable(unreadable) => return Err(unreadable.into()),
            Answer::Between { stopped, .. } => match stopped.reason {
                Reason::Uncommitted { .. } => Some(stopped.to_string()),
                _ => return Err(Refused::Uncertain(stopped.to_string())),
            },
        };
        let Some(state) = replayed.state else {
            return Err(Refused::Uncertain("no state was reached".to_owned()));
        };
        Ok(Self {
            leads_to_full: match leads_to(log, full, at.consistent_index)? {
                Lead::Elsewhere => false,
                Lead::Here => !may_be_one_short(at.cluster_version.as_deref(), servers),
                Lead::HereWithLast => true,
            },
            base: at.revision,
            state,
            checked: None,
            unproven,
        })
    }

    /// Replays on the database of a member all that its own `log` holds, as the member would commit it if it
    /// led: see [`Commitment::Held`]. That the two belong together is found out as when an etcd starts on them.
    pub fn of_itself(db: &'a Db<D>, log: &'a Log<W>, servers: Servers) -> Result<Self, Refused> {
        let replayed = replay_from(db, log, Commitment::Held, (servers, Origin::Start))?;
        let state = match (replayed.answer, replayed.state) {
            (Answer::Exact(_), Some(state)) => state,
            (Answer::Unreadable(unreadable), _) => return Err(unreadable.into()),
            (Answer::Between { stopped, .. }, _) => {
                return Err(Refused::Uncertain(stopped.to_string()));
            }
            (Answer::Exact(_), None) => {
                return Err(Refused::Uncertain("no state was reached".to_owned()));
            }
        };
        Ok(Self {
            state,
            base: StoreState::read(db)?.revision,
            leads_to_full: true,
            checked: None,
            unproven: None,
        })
    }

    /// The revision up to which the log leads.
    pub fn revision(&self) -> i64 {
        self.state.revision()
    }

    /// Why entries at the end of the log were left out, if there are any.
    pub fn unproven(&self) -> Option<&str> {
        self.unproven.as_deref()
    }

    /// Holds an event of a delta against what the log regenerates. `kv` is the event's; of a delete
    /// only the key counts, and a lease of 0 says nothing, since whoever read the delta may have
    /// dropped it. Events that the full holds, and those after the log, say nothing.
    pub fn check(&mut self, entry: Entry, kv: &KeyValue<'_>) -> Result<(), Refused> {
        let revision = entry.revision;
        if revision.main <= self.base || revision.main > self.state.revision() {
            return Ok(());
        }
        match self.state.added(revision)? {
            Some((added, value)) if added == entry && is_told(entry.kind, &value, kv) => {
                self.checked = self.checked.max(Some(revision));
                Ok(())
            }
            _ => Err(Refused::Diverged(revision)),
        }
    }

    /// The last revision of which an event was found to be the same.
    pub fn checked(&self) -> Option<Revision> {
        self.checked
    }

    /// Calls `each` with what the log holds after `revision`, the last one that the backups hold:
    /// keys and values of the `key` bucket, in its order. Returns how many there are.
    pub fn beyond(
        &self,
        revision: i64,
        mut each: impl FnMut(Entry, &[u8]) -> Result<(), Error>,
    ) -> Result<u64, Refused> {
        if !self.leads_to_full && self.checked.is_none() {
            return Err(Refused::Unproven);
        }
        let mut count = 0;
        self.state.each_added(|entry, value| {
            if entry.revision.main > revision {
                count += 1;
                each(entry, value)?;
            }
            Ok(())
        })?;
        Ok(count)
    }

    /// All that the member would hold.
    pub fn state(&self) -> &State<'a, D, W> {
        &self.state
    }
}

/// Whether the value that the log makes is the one that an event tells of.
fn is_told(kind: Kind, made: &[u8], told: &KeyValue<'_>) -> bool {
    let Ok(mut made) = KeyValue::decode(made) else {
        return false;
    };
    match kind {
        Kind::Tombstone => made.key == told.key,
        Kind::Put => {
            if told.lease == 0 {
                made.lease = 0;
            }
            made == *told
        }
    }
}
