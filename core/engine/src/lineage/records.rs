//! What a member holds beside its keys: users, roles, leases, alarms. No delta tells of them and no
//! revision counts them, so they are compared one by one with what takes the member's place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;

use bolt::{Db, ReadAt};
use etcd::authpb::{Role, User};
use etcd::data_dir::DB;
use etcd::replay::{Servers, State};
use etcd::store_state::{self, StoreState};
use etcd::v2_keys::V2Keys;
use serde::Serialize;

use super::replayed;
use super::v2_keys::v2_keys;

/// What a member held beside its keys and what took its place does not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Beyond {
    /// Whether all of it could be read: the database, and what the log adds to it.
    pub is_known: bool,
    /// Users were checked, and would not be any more.
    pub authentication_off: bool,
    /// Names of users that are missing or differ.
    pub users: Vec<String>,
    /// Names of roles that are missing or differ.
    pub roles: Vec<String>,
    /// Ids of leases that are missing, in hex as etcdctl shows them.
    pub leases: Vec<String>,
    /// Kinds of alarms that are not raised any more.
    pub alarms: Vec<String>,
    /// Keys of the v2 API of etcd up to 3.5: no backup holds any.
    pub v2_keys: Vec<String>,
}

impl Beyond {
    /// Nothing is missing, and that is known.
    pub(crate) fn nothing() -> Self {
        Self {
            is_known: true,
            ..Self::default()
        }
    }

    /// The same of a member of which all but the keys of the v2 API is there.
    pub(crate) fn nothing_but_v2_keys(data_dir: &Path) -> Self {
        Self::nothing().with_v2_keys(data_dir)
    }

    fn with_v2_keys(self, data_dir: &Path) -> Self {
        match v2_keys(data_dir) {
            Ok(found) => Self {
                v2_keys: named(&found),
                ..self
            },
            Err(_) => Self {
                is_known: false,
                ..self
            },
        }
    }

    /// Whether that is so.
    pub(crate) fn is_nothing(&self) -> bool {
        *self == Self::nothing()
    }

    /// As a sentence; none when nothing is missing.
    pub(crate) fn sentence(&self) -> Option<String> {
        let listed = |kind: &str, names: &[String]| match names {
            [] => None,
            names if names.len() > NAMED => {
                let more = names.len() - NAMED;
                Some(format!(
                    "{kind} {} and {more} more",
                    names[..NAMED].join(", ")
                ))
            }
            names => Some(format!("{kind} {}", names.join(", "))),
        };
        let parts = [
            self.authentication_off
                .then(|| String::from("that authentication is on")),
            listed("users:", &self.users),
            listed("roles:", &self.roles),
            listed("leases:", &self.leases),
            listed("alarms:", &self.alarms),
            listed("keys of the v2 API, which no backup holds:", &self.v2_keys),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let missing = match parts.is_empty() {
            true => None,
            false => Some(format!(
                "Of what the old member held beside its keys this is not in the backups, or differs: {}.",
                parts.join("; ")
            )),
        };
        match (missing, self.is_known) {
            (missing, true) => missing,
            (missing, false) => Some(format!(
                "{}What else the old member held beside its keys (users, roles, leases, alarms) cannot be \
                 told.",
                missing.map(|told| format!("{told} ")).unwrap_or_default()
            )),
        }
    }
}

/// Names that a sentence lists of each kind.
const NAMED: usize = 10;

/// What one member holds beside its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Records {
    authentication: bool,
    users: BTreeMap<Vec<u8>, User>,
    roles: BTreeMap<Vec<u8>, Role>,
    leases: BTreeSet<i64>,
    alarms: BTreeSet<i32>,
}

impl Records {
    fn of_database<R: ReadAt>(db: &Db<R>) -> Result<Self, etcd::Error> {
        Ok(Self {
            authentication: StoreState::read(db)?.auth_enabled,
            users: by_name(store_state::users(db)?, |user| user.name.clone()),
            roles: by_name(store_state::roles(db)?, |role| role.name.clone()),
            leases: store_state::leases(db)?
                .iter()
                .map(|lease| lease.id)
                .collect(),
            alarms: store_state::alarms(db)?
                .iter()
                .map(|alarm| alarm.alarm)
                .collect(),
        })
    }

    fn of_state<D: ReadAt, W: ReadAt>(state: &State<'_, D, W>) -> Self {
        let auth = state.auth();
        Self {
            authentication: auth.is_enabled(),
            users: by_name(auth.users().cloned(), |user| user.name.clone()),
            roles: by_name(auth.roles().cloned(), |role| role.name.clone()),
            leases: state.leases().map(|lease| lease.id).collect(),
            alarms: state.alarms().map(|alarm| alarm.alarm).collect(),
        }
    }
}

fn by_name<T>(
    all: impl IntoIterator<Item = T>,
    name: impl Fn(&T) -> Vec<u8>,
) -> BTreeMap<Vec<u8>, T> {
    all.into_iter().map(|one| (name(&one), one)).collect()
}

/// Compares the member in `data_dir`, its log included, with the database that takes its place.
/// `servers`: which etcd would apply the log.
pub(crate) fn beyond<R: ReadAt>(
    data_dir: &Path,
    servers: Servers,
    restored: &Db<R>,
) -> Result<Beyond, etcd::Error> {
    let restored = Records::of_database(restored)?;
    let found = match of_member(data_dir, servers) {
        Some((member, is_known)) => compare(&member, &restored, is_known),
        None => Beyond::default(),
    };
    Ok(found.with_v2_keys(data_dir))
}

/// The paths of keys, safe to print.
fn named(found: &V2Keys) -> Vec<String> {
    let keys = found.keys.iter().map(|key| key.escape_debug().to_string());
    match found.keys.is_empty() && found.is_custom {
        true => vec![String::from("directories or users")],
        false => keys.collect(),
    }
}

/// What can be read of the member, and whether that is all.
fn of_member(data_dir: &Path, servers: Servers) -> Option<(Records, bool)> {
    let db = Db::open(File::open(data_dir.join(DB)).ok()?).ok()?;
    let records = Records::of_database(&db).ok()?;
    match with_log(data_dir, &db, servers) {
        Some(Some(records)) => Some((records, true)),
        // Without a log the database is all that there is.
        Some(None) => Some((records, true)),
        None => Some((records, false)),
    }
}

/// `Some(None)` when there is no log; `None` when it is not certain what it adds.
fn with_log(data_dir: &Path, db: &Db<File>, servers: Servers) -> Option<Option<Records>> {
    let applied = StoreState::read(db).ok()?.consistent_index;
    let Some(log) = replayed::log(data_dir, applied)? else {
        return Some(None);
    };
    let state = replayed::state(db, &log, servers)?;
    Some(Some(Records::of_state(&state)))
}

fn compare(member: &Records, restored: &Records, is_known: bool) -> Beyond {
    let alarm = |kind: &i32| match kind {
        1 => String::from("NOSPACE"),
        2 => String::from("CORRUPT"),
        other => format!("kind {other}"),
    };
    let leases = member.leases.difference(&restored.leases);
    let alarms = member.alarms.difference(&restored.alarms);
    Beyond {
        is_known,
        authentication_off: member.authentication && !restored.authentication,
        users: differing(&member.users, &restored.users),
        roles: differing(&member.roles, &restored.roles),
        leases: leases.map(|id| format!("{id:x}")).collect(),
        alarms: alarms.map(alarm).collect(),
        v2_keys: Vec::new(),
    }
}

/// The names, safe to print, under which `there` does not hold what `here` does.
fn differing<T: PartialEq>(
    here: &BTreeMap<Vec<u8>, T>,
    there: &BTreeMap<Vec<u8>, T>,
) -> Vec<String> {
    let differs = here
        .iter()
        .filter(|(name, one)| there.get(*name) != Some(one));
    differs
        .map(|(name, _)| name.escape_ascii().to_string())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(users: &[(&str, &str)]) -> Records {
        let user = |(name, password): &(&str, &str)| User {
            name: name.as_bytes().to_vec(),
            password: password.as_bytes().to_vec(),
            ..User::default()
        };
        Records {
            authentication: false,
            users: by_name(users.iter().map(user), |user| user.name.clone()),
            roles: BTreeMap::new(),
            leases: BTreeSet::new(),
            alarms: BTreeSet::new(),
        }
    }

    #[test]
    fn what_is_missing_or_differs_is_named_and_what_is_new_is_not() {
        let restored = records(&[("alice", "1"), ("bob", "1"), ("new", "1")]);
        let mut member = records(&[("alice", "1"), ("bob", "2"), ("root\u{1b}", "1")]);
        (member.authentication, member.leases) = (true, [0x2a].into());
        member.alarms = [1].into();
        let beyond = compare(&member, &restored, true);
        assert_eq!(beyond.users, ["bob", "root\\x1b"]);
        assert!(beyond.authentication_off && !beyond.is_nothing());
        let told = beyond.sentence().unwrap();
        for word in [
            "authentication is on",
            "users: bob, root",
            "leases: 2a",
            "NOSPACE",
        ] {
            assert!(told.contains(word), "{told}");
        }
        assert!(compare(&restored, &restored, true).is_nothing());
        assert_eq!(compare(&restored, &restored, true).sentence(), None);
    }

    /// Nothing was found to be missing, since nothing could be read.
    #[test]
    fn what_cannot_be_told_is_not_nothing() {
        let unknown = compare(&records(&[]), &records(&[]), false);
        assert!(!unknown.is_nothing());
        assert!(unknown.sentence().unwrap().contains("cannot be told"));
    }
}
