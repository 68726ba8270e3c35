use bolt::ReadAt;

use crate::Error;
use crate::raftpb::{Entry, EntryType};
use crate::store_state::{Compacted, StoreState};
use crate::wal::Start;

use super::alarms::{Alarms, Origin};
use super::answer::Reason;
use super::auth::{AuthStore, Enabled, Rules, Subject};
use super::keyspace::{Keyspace, ValueAt};
use super::kind::Kind;
use super::kv_request::{DeleteRange, Keys, Op, Put, Txn};
use super::lessor::Lessor;
use super::membership::Membership;
use super::request::{Header, Request};
use super::servers::{Line, Servers};
use super::source::{Halt, Source};
use super::txn::{self, Chosen, Refusal};

/// All that entries are applied to.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) keyspace: Keyspace,
    pub(super) lessor: Lessor,
    pub(super) auth: AuthStore,
    pub(super) alarms: Alarms,
    pub(super) membership: Membership,
    pub(super) compacted: Compacted,
    pub(super) cluster_version: Option<String>,
    /// The version of the downgrade that goes on.
    pub(super) downgrade: Option<String>,
    /// Index and term of the last entry applied.
    pub(super) applied: (u64, u64),
    /// The etcds that may start.
    pub(super) servers: Servers,
    /// Whether they start, or went on.
    pub(super) origin: Origin,
}

const LINES_DIFFER: Reason =
    Reason::VersionsDiffer("some let the request through that others refuse");

impl Machine {
    pub(super) fn new<D: ReadAt, W: ReadAt>(
        source: &Source<'_, D, W>,
        state: StoreState,
        keyspace: Keyspace,
        start: &Start,
        (servers, origin): (Servers, Origin),
    ) -> Result<Self, Error> {
        let db = source.db;
        let enabled = if state.auth_enabled {
            Enabled::Yes
        } else {
            Enabled::No
        };
        Ok(Self {
            lessor: Lessor::read(db, &keyspace)?,
            keyspace,
            auth: AuthStore::read(db, enabled)?,
            alarms: Alarms::of(crate::store_state::alarms(db)?, origin),
            membership: Membership::read(db, &start.conf_state)?,
            compacted: state.compaction,
            cluster_version: state.cluster_version,
            downgrade: crate::store_state::downgrade(db)?,
            applied: (state.consistent_index, state.term.unwrap_or(0)),
            servers,
            origin,
        })
    }

    /// Applies an entry that the database has not applied.
    pub(super) fn apply<D: ReadAt, W: ReadAt>(
        &mut self,
        entry: &Entry,
        source: &Source<'_, D, W>,
    ) -> Result<(), Halt> {
        let data = entry.data.as_deref().unwrap_or_default();
        match EntryType::try_from(entry.entry_type) {
            Ok(EntryType::ConfChange) => {
                self.membership.note_voters(data)?;
                self.membership.apply(data)?;
            }
            Ok(EntryType::Normal) if data.is_empty() => {}
            Ok(EntryType::Normal) => {
                let request = Request::decode(data).map_err(Reason::Malformed)?;
                let at = At {
                    index: entry.index,
                    data,
                };
                self.request(&request, at, source)?;
            }
            _ => return Err(Reason::JointChange.into()),
        }
        self.applied = (entry.index, entry.term);
        Ok(())
    }

    fn request<D: ReadAt, W: ReadAt>(
        &mut self,
        request: &Request<'_>,
        at: At<'_>,
        source: &Source<'_, D, W>,
    ) -> Result<(), Halt> {
        let header = request.header.unwrap_or_default();
        match &request.kind {
            Kind::Put(put) => self.put(&header, put, at)?,
            Kind::DeleteRange(delete) => self.delete(&header, delete)?,
            Kind::Txn(txn) => self.txn(&header, txn, at, source)?,
            Kind::Compaction { revision } => {
                if self.agreed(|line| Ok(!line.guard.corrupt))? {
                    self.compact(*revision);
                }
            }
            Kind::LeaseGrant { id, ttl } => {
                if self.agreed(|line| Ok(!line.guard.capped && !line.guard.corrupt))? {
                    self.lessor.grant(*id, *ttl)?;
                }
            }
            Kind::LeaseRevoke { id } => self.revoke(&header, *id)?,
            Kind::LeaseCheckpoint(request) => {
                for checkpoint in &request.checkpoints {
                    self.lessor
                        .checkpoint(checkpoint.id, checkpoint.remaining_ttl);
                }
            }
            Kind::Alarm(request) => self.alarms.apply(request),
            Kind::Auth(change) => {
                if self.agreed(|line| Ok(!line.guard.users || self.auth.admits_admin(&header)))? {
                    self.auth.apply(change)?;
                }
            }
            Kind::ClusterVersion(version) => self.cluster_version = Some(version.clone()),
            Kind::MemberAttributes(request) => self.membership.set_attributes(request),
            Kind::Downgrade { enabled, version } => {
                self.downgrade = enabled.then(|| version.clone());
            }
            Kind::Nothing => {}
            Kind::Unknown { field } => {
                return Err(Reason::UnknownRequest { field: *field }.into());
            }
        }
        Ok(())
    }

    fn put(&mut self, header: &Header<'_>, put: &Put<'_>, at: At<'_>) -> Result<(), Halt> {
        let admitted = self.agreed(|line| {
            Ok(!line.guard.capped
                && !line.guard.corrupt
                && (!line.guard.users
                    || self
                        .auth
                        .admits_put(&line.asks(header), put, &self.lessor)?))
        })?;
        if admitted && !txn::refuses(put, &self.keyspace, &self.lessor)? {
            self.do_put(put, at)?;
            self.keyspace.commit();
        }
        Ok(())
    }

    fn delete(&mut self, header: &Header<'_>, delete: &DeleteRange<'_>) -> Result<(), Halt> {
        let admitted = self.agreed(|line| {
            Ok(!line.guard.corrupt
                && (!line.guard.users || self.auth.admits_delete(&line.asks(header), delete)))
        })?;
        if admitted {
            self.do_delete(delete.keys);
            self.keyspace.commit();
        }
        Ok(())
    }

    fn txn<D: ReadAt, W: ReadAt>(
        &mut self,
        header: &Header<'_>,
        txn: &Txn<'_>,
        at: At<'_>,
        source: &Source<'_, D, W>,
    ) -> Result<(), Halt> {
        if txn.is_read_only() {
            return Ok(());
        }
        let admitted = self.agreed(|line| {
            if line.guard.corrupt || line.guard.capped && grows(txn, line.rules) {
                return Ok(false);
            }
            let asks = line.asks(header);
            Ok(!line.guard.users || self.auth.admits_txn(&asks, txn, &self.lessor)?)
        })?;
        if !admitted {
            return Ok(());
        }
        let chosen = txn::choose(txn, &self.keyspace, source)?;
        let compacted = self.compacted.revision().unwrap_or(-1);
        match chosen.refusal(txn, &self.keyspace, &self.lessor, compacted)? {
            Some(Refusal::Every) => return Ok(()),
            // 3.7 alone looks at reads at the top, which then must be of a revision that is there.
            Some(Refusal::Only37)
                if chosen.writes() && !self.agreed(|line| Ok(line.rules != Rules::All))? =>
            {
                return Ok(());
            }
            _ => {}
        }
        self.execute(chosen, at)
    }

    fn execute(&mut self, chosen: Chosen<'_, '_>, at: At<'_>) -> Result<(), Halt> {
        for op in chosen.ops {
            match op {
                Op::Put(put) => self.do_put(put, at)?,
                Op::DeleteRange(delete) => self.do_delete(delete.keys),
                Op::Range(_) | Op::Txn(_) | Op::Nothing => {}
            }
        }
        self.keyspace.commit();
        Ok(())
    }

    fn compact(&mut self, revision: i64) {
        let compacted = self.compacted.revision().unwrap_or(-1);
        if revision > compacted && revision <= self.keyspace.revision() {
            self.compacted.scheduled = Some(revision);
        }
    }

    /// Deletes the keys of a lease in one transaction, in order, and forgets it.
    fn revoke(&mut self, header: &Header<'_>, id: i64) -> Result<(), Halt> {
        let admitted = self.agreed(|line| {
            Ok(!line.guard.corrupt
                && (!line.guard.users
                    || self
                        .auth
                        .admits_lease(&line.asks(header), id, &self.lessor)?))
        })?;
        if !admitted || !self.lessor.has(id)? {
            return Ok(());
        }
        let keys: Vec<_> = self.lessor.keys(id).cloned().collect();
        for key in &keys {
            self.do_delete(Keys { key, end: &[] });
        }
        self.keyspace.commit();
        self.lessor.remove(id);
        Ok(())
    }

    fn do_put(&mut self, put: &Put<'_>, at: At<'_>) -> Result<(), Halt> {
        let before = self.keyspace.get(put.key);
        let gone = Reason::Panics("a transaction keeps what it has deleted before");
        let lease = match before {
            Some(before) if put.ignore_lease => before.lease,
            None if put.ignore_lease => return Err(gone.into()),
            _ => put.lease,
        };
        let value = match before {
            Some(before) if put.ignore_value => before.value,
            None if put.ignore_value => return Err(gone.into()),
            _ => at.place(put.value),
        };
        let key = self.keyspace.put(put.key, lease, value);
        self.lessor.was_put(key, lease)?;
        Ok(())
    }

    fn do_delete(&mut self, keys: Keys<'_>) {
        for key in self.keyspace.delete(keys) {
            self.lessor.was_deleted(&key);
        }
    }

    /// Whether the request is let through: by all etcds that may start here, or by none.
    fn agreed(&self, lets: impl Fn(Line) -> Result<bool, Reason>) -> Result<bool, Reason> {
        let mut first = None;
        for line in self.lines() {
            let answer = lets(line)?;
            if *first.get_or_insert(answer) != answer {
                return Err(LINES_DIFFER);
            }
        }
        Ok(first.unwrap_or(true))
    }

    fn lines(&self) -> impl Iterator<Item = Line> + '_ {
        let version = self.cluster_version.as_deref();
        self.servers.lines(
            version,
            self.downgrade.as_deref(),
            &self.alarms,
            self.origin,
        )
    }
}

impl Line {
    fn asks<'h>(&self, header: &Header<'h>) -> Subject<'h> {
        Subject {
            header: *header,
            rules: self.rules,
        }
    }
}

/// Whether a transaction counts against the quota: whether it puts anything, in any branch
/// (quota.go, `costTxn`). Up to 3.5.27 what is nested does not count.
fn grows(txn: &Txn<'_>, rules: Rules) -> bool {
    let mut ops = txn.success.iter().chain(&txn.failure);
    ops.any(|op| match op {
        Op::Put(_) => true,
        Op::Txn(txn) => !rules.pass_over_nested() && grows(txn, rules),
        _ => false,
    })
}

/// The entry that is applied.
#[derive(Debug, Clone, Copy)]
struct At<'a> {
    index: u64,
    data: &'a [u8],
}

impl At<'_> {
    /// Where a part of the entry's data lies, to be read again when it is asked for.
    fn place(self, part: &[u8]) -> ValueAt {
        let offset = part.as_ptr().addr().wrapping_sub(self.data.as_ptr().addr());
        ValueAt::Log {
            entry: self.index,
            // A record has at most 512 MiB (decoder.go), and a part lies inside the data.
            offset: u32::try_from(offset).unwrap_or(0),
            len: u32::try_from(part.len()).unwrap_or(0),
        }
    }
}
