use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::asked::Asked;
use super::script::Scripted;
use super::snapshot::Snapshot;
use super::watch::Watch;
use crate::answers::{
    Alarm, AuthState, HashKv, Header, KeyPage, KeyValue, LeaseTime, Member, Members, Status,
    Written,
};
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind, Result};
use crate::port::{Compaction, Etcd, Read, Vote};
use crate::snapshot::SnapshotStream;
use crate::transaction::{KeyRange, Write};
use crate::watch::{WatchFrom, WatchStream};

#[async_trait]
impl Etcd for Scripted {
    fn at(&self, endpoint: &Endpoint) -> Arc<dyn Etcd> {
        Arc::new(self.elsewhere(endpoint))
    }

    fn endpoint(&self) -> Endpoint {
        self.here().clone()
    }

    async fn status(&self) -> Result<Status> {
        self.answer(Asked::Status, |facts| {
            Ok(Status {
                header: facts.local(),
                ..facts.status.clone()
            })
        })
    }

    async fn members(&self, read: Read) -> Result<Members> {
        self.answer(Asked::Members(read), |facts| {
            Ok(Members {
                header: facts.head,
                members: facts.members.members.clone(),
            })
        })
    }

    async fn head(&self, read: Read) -> Result<Header> {
        self.answer(Asked::Head(read), |facts| match read {
            Read::Local => Ok(facts.local()),
            Read::Agreed => Ok(facts.head),
        })
    }

    async fn key_at(&self, key: Bytes, revision: i64, read: Read) -> Result<Option<KeyValue>> {
        self.answer(Asked::KeyAt(key.clone(), revision, read), |facts| {
            let of = match read {
                Read::Local => facts.local(),
                Read::Agreed => facts.head,
            };
            facts.within("read keys", of, revision)?;
            Ok(facts.keys.get(&(key, revision)).cloned())
        })
    }

    async fn count_at(&self, revision: i64, read: Read) -> Result<u64> {
        self.answer(Asked::CountAt(revision, read), |facts| {
            let of = match read {
                Read::Local => facts.local(),
                Read::Agreed => facts.head,
            };
            facts.within("read keys", of, revision)?;
            let there = facts.keys.keys().filter(|(_, at)| *at == revision);
            Ok(there.count() as u64)
        })
    }

    async fn keys_at(&self, range: KeyRange, revision: i64, limit: u32) -> Result<KeyPage> {
        self.answer(Asked::KeysAt(range, revision, limit), |_| {
            Err(nothing_written("read keys"))
        })
    }

    async fn write(&self, writes: Vec<Write>) -> Result<Written> {
        self.answer(Asked::Write(writes), |facts| {
            let written = facts.written.clone();
            written.ok_or_else(|| nothing_written("write keys"))
        })
    }

    async fn snapshot(&self) -> Result<Box<dyn SnapshotStream>> {
        self.answer(Asked::Snapshot, |_| Ok(()))?;
        match self.next_snapshot() {
            Some(sent) => Ok(Box::new(Snapshot::of(self.clone(), sent))),
            None => Err(nothing_written("read a snapshot")),
        }
    }

    async fn watch(&self, from: WatchFrom) -> Result<Box<dyn WatchStream>> {
        let created = self.answer(Asked::Watch(from), |facts| Ok(facts.local()))?;
        Ok(Box::new(Watch::of(self.clone(), created)))
    }

    async fn compacted(&self) -> Result<Option<i64>> {
        self.answer(Asked::Compacted, |facts| Ok(facts.compacted))
    }

    async fn hash_kv(&self, revision: i64) -> Result<HashKv> {
        self.answer(Asked::HashKv(revision), |facts| {
            facts.within("ask for a hash of the keys", facts.local(), revision)?;
            let hash = facts.hashes.get(&revision).copied();
            hash.ok_or_else(|| nothing_written("ask for a hash of the keys"))
        })
    }

    async fn leases(&self) -> Result<Vec<i64>> {
        self.answer(Asked::Leases, |facts| {
            Ok(facts.leases.keys().copied().collect())
        })
    }

    async fn lease_time(&self, id: i64) -> Result<Option<LeaseTime>> {
        self.answer(Asked::LeaseTime(id), |facts| {
            Ok(facts.leases.get(&id).copied())
        })
    }

    async fn auth(&self) -> Result<AuthState> {
        self.answer(Asked::Auth, |facts| Ok(facts.auth))
    }

    async fn alarms(&self) -> Result<Vec<Alarm>> {
        self.answer(Asked::Alarms, |facts| Ok(facts.alarms.clone()))
    }

    async fn disarm(&self, alarm: Alarm) -> Result<()> {
        self.answer(Asked::Disarm(alarm), |facts| {
            facts.alarms.retain(|raised| *raised != alarm);
            Ok(())
        })
    }

    async fn compact(&self, revision: i64, wait: Compaction) -> Result<()> {
        self.answer(Asked::Compact(revision, wait), |facts| {
            facts.within("compact", facts.head, revision)?;
            facts.compacted = Some(revision);
            Ok(())
        })
    }

    async fn defragment(&self) -> Result<()> {
        self.answer(Asked::Defragment, |_| Ok(()))
    }

    async fn move_leader(&self, to: u64) -> Result<()> {
        self.answer(Asked::MoveLeader(to), |facts| {
            facts.status.leader = Some(to);
            Ok(())
        })
    }

    async fn add_member(&self, peer_urls: Vec<String>, vote: Vote) -> Result<Member> {
        self.answer(Asked::AddMember(peer_urls.clone(), vote), |facts| {
            let members = &mut facts.members.members;
            let member = Member {
                id: members.iter().map(|m| m.id).max().unwrap_or(0xa1) + 1,
                peer_urls,
                learner: vote == Vote::Learner,
                ..Member::default()
            };
            members.push(member.clone());
            Ok(member)
        })
    }

    async fn remove_member(&self, id: u64) -> Result<()> {
        self.answer(Asked::RemoveMember(id), |facts| {
            let members = &mut facts.members.members;
            let index = members.iter().position(|member| member.id == id);
            let index = index.ok_or_else(|| no_member("remove a member"))?;
            members.remove(index);
            Ok(())
        })
    }

    async fn update_member(&self, id: u64, peer_urls: Vec<String>) -> Result<()> {
        self.answer(Asked::UpdateMember(id, peer_urls.clone()), |facts| {
            let mut members = facts.members.members.iter_mut();
            let member = members.find(|member| member.id == id);
            member
                .ok_or_else(|| no_member("update a member"))?
                .peer_urls = peer_urls;
            Ok(())
        })
    }

    async fn promote_member(&self, id: u64) -> Result<()> {
        self.answer(Asked::PromoteMember(id), |facts| {
            let mut members = facts.members.members.iter_mut();
            let member = members.find(|member| member.id == id);
            member.ok_or_else(|| no_member("promote a member"))?.learner = false;
            Ok(())
        })
    }
}

/// The test has forgotten something: never an answer that was not written down.
fn nothing_written(operation: &'static str) -> Error {
    let message = "the script of the fake has no answer to this";
    Error::new(ErrorKind::Config, operation, message)
}

fn no_member(operation: &'static str) -> Error {
    Error::new(ErrorKind::NotFound, operation, "scripted")
}
