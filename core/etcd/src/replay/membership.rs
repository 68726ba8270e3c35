//! Members, and who of them decides (server/etcdserver/api/membership/cluster.go).

use std::collections::{BTreeMap, BTreeSet};

use bolt::{Db, ReadAt};
use prost::Message;
use serde::Deserialize;

use crate::membership::{MemberId, StoredMember};
use crate::raftpb::{ConfChange, ConfChangeType, ConfState};
use crate::{Error, store_state};

use super::answer::Reason;
use super::kind::{Attributes, MemberAttributes};

/// How many learners a cluster has unless `--max-learners` says otherwise.
const LEARNERS: usize = 1;

#[derive(Debug, Clone, Default)]
pub(super) struct Membership {
    members: BTreeMap<u64, StoredMember>,
    removed: BTreeSet<u64>,
    voters: BTreeSet<u64>,
}

/// What a conf change carries: the member, and whether it was a learner before.
#[derive(Deserialize)]
struct Context {
    #[serde(flatten)]
    member: StoredMember,
    #[serde(rename = "isPromote", default)]
    is_promote: bool,
}

impl Membership {
    pub(super) fn read<D: ReadAt>(db: &Db<D>, start: &ConfState) -> Result<Self, Error> {
        let members = store_state::members(db)?;
        let removed = store_state::removed_members(db)?;
        let voters = start.voters.iter().chain(&start.voters_outgoing);
        Ok(Self {
            members: members.into_iter().map(|m| (m.id.0, m)).collect(),
            removed: removed.into_iter().map(|id| id.0).collect(),
            voters: voters.copied().collect(),
        })
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &StoredMember> {
        self.members.values()
    }

    /// Whether nobody else has a say in what is committed.
    ///
    /// Changes that etcd refuses are counted as done when they add a voter: so this may be false
    /// for a cluster of one, and is never true for a larger one.
    pub(super) fn is_alone(&self, id: u64) -> bool {
        self.voters.len() == 1 && self.voters.contains(&id)
    }

    /// Notes who decides after a change that the database may have applied already.
    pub(super) fn note_voters(&mut self, data: &[u8]) -> Result<(), Reason> {
        let change = decode(data)?;
        match change.change_type() {
            ConfChangeType::AddNode => drop(self.voters.insert(change.node_id)),
            ConfChangeType::RemoveNode => drop(self.voters.remove(&change.node_id)),
            ConfChangeType::AddLearnerNode | ConfChangeType::UpdateNode => {}
        }
        Ok(())
    }

    /// Applies a change, unless etcd refuses it.
    pub(super) fn apply(&mut self, data: &[u8]) -> Result<(), Reason> {
        let change = decode(data)?;
        let id = change.node_id;
        if self.removed.contains(&id) {
            return Ok(());
        }
        match change.change_type() {
            ConfChangeType::AddNode | ConfChangeType::AddLearnerNode => self.add(&change)?,
            ConfChangeType::RemoveNode => {
                if self.members.remove(&id).is_some() {
                    self.removed.insert(id);
                }
            }
            ConfChangeType::UpdateNode => {
                let Context { member, .. } = context(&change)?;
                if !self.is_taken(&member)
                    && let Some(known) = self.members.get_mut(&id)
                {
                    known.peer_urls = member.peer_urls;
                    known.is_learner = member.is_learner;
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, change: &ConfChange) -> Result<(), Reason> {
        let Context { member, is_promote } = context(change)?;
        let id = change.node_id;
        if is_promote {
            if let Some(known) = self.members.get_mut(&id) {
                known.is_learner = false;
            }
            return Ok(());
        }
        let learners = self.members().filter(|member| member.is_learner).count();
        let refused = self.members.contains_key(&id)
            || self.is_taken(&member)
            || member.is_learner && learners >= LEARNERS;
        if !refused {
            self.members.insert(id, member);
        }
        Ok(())
    }

    /// Whether another member has one of its peer URLs.
    fn is_taken(&self, member: &StoredMember) -> bool {
        let urls = |member: &StoredMember| member.peer_urls.clone().unwrap_or_default();
        let wanted = urls(member);
        let mut others = self.members().filter(|other| other.id != member.id);
        others.any(|other| urls(other).iter().any(|url| wanted.contains(url)))
    }

    /// Sets a member's name and client URLs; of an unknown one nothing.
    pub(super) fn set_attributes(&mut self, request: &MemberAttributes) {
        if let Some(member) = self.members.get_mut(&request.member) {
            let Attributes { name, client_urls } = request.attributes.clone().unwrap_or_default();
            member.name = name;
            member.client_urls = client_urls;
        }
    }
}

fn decode(data: &[u8]) -> Result<ConfChange, Reason> {
    ConfChange::decode(data).map_err(|_| malformed("is no ConfChange"))
}

fn context(change: &ConfChange) -> Result<Context, Reason> {
    let context: Context = serde_json::from_slice(change.context.as_deref().unwrap_or_default())
        .map_err(|_| malformed("carries no member"))?;
    if context.member.id != MemberId(change.node_id) {
        return Err(Reason::Panics("a conf change names two members"));
    }
    Ok(context)
}

fn malformed(why: &'static str) -> Reason {
    Reason::Malformed(crate::Malformed {
        what: "conf change",
        why,
        offset: 0,
    })
}
