//! Users, roles, and what they may do (server/auth/store.go).

mod change;
mod check;
mod permissions;

use std::collections::BTreeMap;

use bolt::{Db, ReadAt};

use crate::authpb::{ROOT, Role, User};
use crate::{Error, store_state};

use super::request::Header;

pub(super) use check::{Rules, Subject};

/// The users and roles of a member.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthStore {
    enabled: bool,
    revision: u64,
    users: BTreeMap<String, User>,
    roles: BTreeMap<String, Role>,
}

impl AuthStore {
    pub(super) fn read<D: ReadAt>(db: &Db<D>, enabled: Enabled) -> Result<Self, Error> {
        let name = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let users = store_state::users(db)?;
        let roles = store_state::roles(db)?;
        Ok(Self {
            enabled: enabled == Enabled::Yes,
            // An etcd that finds none begins with 1 (NewAuthStore).
            revision: store_state::auth_revision(db)?.max(1),
            users: users.into_iter().map(|u| (name(&u.name), u)).collect(),
            roles: roles.into_iter().map(|r| (name(&r.name), r)).collect(),
        })
    }

    /// Whether requests are checked against permissions.
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// Counts the changes.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// All users, by name.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    /// All roles, by name.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
    }

    fn user(&self, header: &Header<'_>) -> Option<&User> {
        self.users.get(std::str::from_utf8(header.username).ok()?)
    }

    fn is_root(user: &User) -> bool {
        user.roles.iter().any(|role| role == ROOT.as_bytes())
    }
}

/// Whether the database says that users are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Enabled {
    Yes,
    No,
}
