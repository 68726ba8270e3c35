//! Where a store stands, read from its database.

use bolt::{Bucket, Db, ReadAt};
use prost::Message;
use serde::Deserialize;

use crate::authpb::{Role, User};
use crate::lease::Lease;
use crate::membership::{MemberId, StoredMember};
use crate::revision::{Entry, Revision};
use crate::schema::{auth, bucket, cluster, meta};
use crate::{Error, Malformed};

/// Where a store stands. A missing bucket reads as an empty one, as etcd creates it at boot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoreState {
    /// Main revision of the last change: 1 in an empty store. Not simply that of the last
    /// key, which a compaction may have removed.
    pub revision: i64,
    /// What has been compacted.
    pub compaction: Compacted,
    /// Index of the last raft entry applied; 0 when nothing was recorded.
    pub consistent_index: u64,
    /// Its term; recorded since 3.5.
    pub term: Option<u64>,
    /// Version of the layout; recorded since 3.6.
    pub storage_version: Option<String>,
    /// Version that all members support. A server older than it refuses to start.
    pub cluster_version: Option<String>,
    /// Whether users are checked.
    pub auth_enabled: bool,
}

/// Main revisions up to which a store is compacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compacted {
    /// Last compaction begun. If newer than `finished`, etcd resumes it at boot.
    pub scheduled: Option<i64>,
    /// Last one completed: no superseded entry up to here is left.
    pub finished: Option<i64>,
}

impl Compacted {
    /// The compact revision that an etcd started on this store reports.
    pub fn revision(self) -> Option<i64> {
        self.scheduled.max(self.finished)
    }

    /// Whether a compaction was begun and not completed.
    pub fn is_pending(self) -> bool {
        self.scheduled > self.finished
    }
}

impl StoreState {
    /// Reads it, in a handful of pages.
    pub fn read<R: ReadAt>(db: &Db<R>) -> Result<Self, Error> {
        let meta = Values::open(db, bucket::META)?;
        let scheduled = meta.parsed(meta::SCHEDULED_COMPACTION, main_of)?;
        let compaction = Compacted {
            // Begun at 0, which is allowed once, it is none to an etcd that starts (server/storage/mvcc/kvstore.go
            // of 3.6.16, `restore`: `scheduledCompact != 0`; 3.5 and 3.7 are alike).
            scheduled: scheduled.filter(|revision| *revision != 0),
            finished: meta.parsed(meta::FINISHED_COMPACTION, main_of)?,
        };
        let revision = last_main(db)?
            .max(compaction.revision())
            .unwrap_or(1)
            .max(1);
        let auth_enabled = Values::open(db, bucket::AUTH)?.get(auth::ENABLED)?;
        Ok(Self {
            revision,
            compaction,
            consistent_index: meta.parsed(meta::CONSISTENT_INDEX, number)?.unwrap_or(0),
            term: meta.parsed(meta::TERM, number)?,
            storage_version: meta.parsed(meta::STORAGE_VERSION, text)?,
            cluster_version: Values::open(db, bucket::CLUSTER)?.parsed(cluster::VERSION, text)?,
            auth_enabled: auth_enabled.is_some_and(|value| value == [1]),
        })
    }
}

/// All leases, in the order of their ids' bytes.
pub fn leases<R: ReadAt>(db: &Db<R>) -> Result<Vec<Lease>, Error> {
    all(db, bucket::LEASE, Lease::parse)
}

/// All users, in the order of their names.
pub fn users<R: ReadAt>(db: &Db<R>) -> Result<Vec<User>, Error> {
    all(db, bucket::AUTH_USERS, |_, value| {
        message("authpb.User", value)
    })
}

/// All roles, in the order of their names.
pub fn roles<R: ReadAt>(db: &Db<R>) -> Result<Vec<Role>, Error> {
    all(db, bucket::AUTH_ROLES, |_, value| {
        message("authpb.Role", value)
    })
}

/// All raised alarms: which, and the member that raised it.
pub fn alarms<R: ReadAt>(db: &Db<R>) -> Result<Vec<AlarmMember>, Error> {
    all(db, bucket::ALARM, |key, _| message("alarm", key))
}

/// Counts the changes of users and roles; 0 when etcd never started on this database.
pub fn auth_revision<R: ReadAt>(db: &Db<R>) -> Result<u64, Error> {
    let auth = Values::open(db, bucket::AUTH)?;
    Ok(auth.parsed(auth::REVISION, number)?.unwrap_or(0))
}

/// The version that the cluster is being downgraded to.
pub fn downgrade<R: ReadAt>(db: &Db<R>) -> Result<Option<String>, Error> {
    #[derive(Deserialize)]
    struct Downgrade {
        #[serde(rename = "target-version", default)]
        target: String,
        #[serde(default)]
        enabled: bool,
    }
    let cluster = Values::open(db, bucket::CLUSTER)?;
    let found = cluster.parsed(cluster::DOWNGRADE, |json| {
        serde_json::from_slice::<Downgrade>(json).map_err(|error| Malformed {
            what: "downgrade",
            why: "is not its JSON",
            offset: error.column(),
        })
    })?;
    Ok(found
        .filter(|downgrade| downgrade.enabled)
        .map(|downgrade| downgrade.target))
}

/// Ids of members that were removed and may never come back, in the order of their bytes.
pub fn removed_members<R: ReadAt>(db: &Db<R>) -> Result<Vec<MemberId>, Error> {
    all(db, bucket::MEMBERS_REMOVED, |key, _| {
        let hex = std::str::from_utf8(key).ok();
        let id = hex.and_then(|hex| u64::from_str_radix(hex, 16).ok());
        id.map(MemberId).ok_or(Malformed {
            what: "removed member",
            why: "is no id in hex",
            offset: 0,
        })
    })
}

/// An alarm, as the keys of the `alarm` bucket hold it.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct AlarmMember {
    /// Who raised it.
    #[prost(uint64, tag = "1")]
    pub member: u64,
    /// 1 for no space, 2 for corruption.
    #[prost(int32, tag = "2")]
    pub alarm: i32,
}

fn message<M: Message + Default>(what: &'static str, bytes: &[u8]) -> Result<M, Malformed> {
    M::decode(bytes).map_err(|_| Malformed {
        what,
        why: "is not its message",
        offset: 0,
    })
}

/// All members, learners included, in the order of their ids in hex.
pub fn members<R: ReadAt>(db: &Db<R>) -> Result<Vec<StoredMember>, Error> {
    all(db, bucket::MEMBERS, StoredMember::parse)
}

fn all<R: ReadAt, T>(
    db: &Db<R>,
    name: &'static [u8],
    parse: fn(&[u8], &[u8]) -> Result<T, Malformed>,
) -> Result<Vec<T>, Error> {
    let mut items = Vec::new();
    let Some(bucket) = db.bucket(name)? else {
        return Ok(items);
    };
    let mut cursor = bucket.cursor();
    while let Some((key, value)) = cursor.next()? {
        items.push(parse(key, value).map_err(|malformed| malformed.in_bucket(name, key))?);
    }
    Ok(items)
}

pub(crate) fn last_main<R: ReadAt>(db: &Db<R>) -> Result<Option<i64>, Error> {
    let Some(bucket) = db.bucket(bucket::KEY)? else {
        return Ok(None);
    };
    let mut cursor = bucket.cursor();
    let Some((key, _)) = cursor.last()? else {
        return Ok(None);
    };
    let entry = Entry::parse(key).map_err(|malformed| malformed.in_bucket(bucket::KEY, key))?;
    Ok(Some(entry.revision.main))
}

/// A bucket of a few named values.
struct Values<'a, R> {
    name: &'static [u8],
    bucket: Option<Bucket<'a, R>>,
}

impl<'a, R: ReadAt> Values<'a, R> {
    fn open(db: &'a Db<R>, name: &'static [u8]) -> Result<Self, Error> {
        Ok(Self {
            name,
            bucket: db.bucket(name)?,
        })
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        match &self.bucket {
            Some(bucket) => Ok(bucket.get(key)?),
            None => Ok(None),
        }
    }

    fn parsed<T>(
        &self,
        key: &[u8],
        parse: fn(&[u8]) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Error> {
        let value = self.get(key)?;
        let parsed = value.as_deref().map(parse).transpose();
        parsed.map_err(|malformed| malformed.in_bucket(self.name, key))
    }
}

fn main_of(bytes: &[u8]) -> Result<i64, Malformed> {
    Revision::parse(bytes).map(|revision| revision.main)
}

fn number(bytes: &[u8]) -> Result<u64, Malformed> {
    let malformed = |_| Malformed {
        what: "number",
        why: "is not 8 bytes long",
        offset: 0,
    };
    bytes.try_into().map(u64::from_be_bytes).map_err(malformed)
}

fn text(bytes: &[u8]) -> Result<String, Malformed> {
    std::str::from_utf8(bytes)
        .map(str::to_owned)
        .map_err(|error| Malformed {
            what: "version",
            why: "is not text",
            offset: error.valid_up_to(),
        })
}
