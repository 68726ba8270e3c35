//! A full whose index says less than it holds.
//!
//! Up to 3.4 etcd saves the index of an entry with changes of keys alone (v3.4.23, mvcc/kvstore_txn.go,
//! `storeTxnWrite.End`). While an alarm refuses puts none may be saved for long: a full made after the
//! alarm was disarmed still says the index of before, and nothing in it tells that the entries in between
//! were refused.

use std::collections::BTreeSet;

use bolt::{Db, ReadAt};

use crate::Error;
use crate::store_state::{StoreState, alarms};
use crate::wal::Log;

use super::alarms::{DISARM, RAISE};
use super::kind::Kind;
use super::request::Request;
use super::servers::{ServerVersion, Servers};

/// The entry of `log` that disarms an alarm which `full` does not have, after others that may have been
/// refused for it; `None` if the index of the full can be believed.
pub(super) fn disarms_what_is_not_raised<D: ReadAt, W: ReadAt>(
    full: &Db<D>,
    at: &StoreState,
    log: &Log<W>,
    servers: Servers,
) -> Result<Option<u64>, Error> {
    if !may_lag(at.cluster_version.as_deref(), servers) {
        return Ok(None);
    }
    let raised = alarms(full)?.into_iter();
    let mut raised: BTreeSet<_> = raised.map(|raised| (raised.alarm, raised.member)).collect();
    let mut was_asked = false;
    for index in at.consistent_index.saturating_add(1)..=log.last_index() {
        let data = log.entry(index)?.and_then(|entry| entry.data);
        let data = data.filter(|data| !data.is_empty() && !log.is_conf_change(index));
        // What cannot be read ends the replay, which says so.
        let Some(Ok(request)) = data.as_deref().map(Request::decode) else {
            continue;
        };
        match request.kind {
            Kind::Alarm(alarm) if alarm.action == RAISE => {
                raised.insert((alarm.alarm, alarm.member));
            }
            Kind::Alarm(alarm) if alarm.action == DISARM => {
                if !raised.remove(&(alarm.alarm, alarm.member)) && was_asked {
                    return Ok(Some(index));
                }
            }
            _ => was_asked = true,
        }
    }
    Ok(None)
}

/// The first that saves the index of every entry.
const SAVES_ALL: ServerVersion = ServerVersion { minor: 5, patch: 0 };

/// A cluster version that cannot be read, or is not there, may be any.
fn may_lag(cluster_version: Option<&str>, servers: Servers) -> bool {
    let is_old = |version: ServerVersion| version < SAVES_ALL;
    let cluster = cluster_version.and_then(|version| version.parse().ok());
    cluster.is_none_or(is_old)
        && match servers {
            Servers::Any => true,
            Servers::Only(version) => is_old(version),
        }
}
