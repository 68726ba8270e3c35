//! Changes of users and roles. Those that fail change nothing, not even the auth revision.

use base64_simd::STANDARD;

use crate::authpb::{Permission, ROOT, Role, User, UserAddOptions};

use super::super::answer::Reason;
use super::super::auth_request::{
    AuthRequest, RoleGrantPermission, RoleRevokePermission, UserAdd, UserChangePassword, UserRole,
};
use super::AuthStore;

/// Up to here Go's sort keeps the order of equals (sort.Sort inserts one by one).
const STABLE: usize = 12;

/// What came of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    /// Done, but not counted, or nothing to do.
    Silent,
    Refused,
}

impl AuthStore {
    /// Applies a change that was let through.
    pub(in crate::replay) fn apply(&mut self, request: &AuthRequest) -> Result<(), Reason> {
        let outcome = match request {
            AuthRequest::Enable => self.enable(),
            AuthRequest::Disable => self.disable(),
            AuthRequest::UserAdd(add) => self.add_user(add),
            AuthRequest::UserDelete(name) => self.delete_user(&name.name),
            AuthRequest::UserChangePassword(change) => self.change_password(change),
            AuthRequest::UserGrantRole(grant) => self.grant_role(grant),
            AuthRequest::UserRevokeRole(revoke) => self.revoke_role(revoke),
            AuthRequest::RoleAdd(name) => self.add_role(&name.name),
            AuthRequest::RoleDelete(name) => self.delete_role(&name.name),
            AuthRequest::RoleGrantPermission(grant) => self.grant_permission(grant)?,
            AuthRequest::RoleRevokePermission(revoke) => self.revoke_permission(revoke),
        };
        if outcome == Outcome::Done {
            self.revision = self.revision.wrapping_add(1);
        }
        Ok(())
    }

    fn enable(&mut self) -> Outcome {
        let root = self.users.get(ROOT).is_some_and(Self::is_root);
        self.enabled |= root;
        Outcome::Silent
    }

    fn disable(&mut self) -> Outcome {
        if std::mem::take(&mut self.enabled) {
            Outcome::Done
        } else {
            Outcome::Silent
        }
    }

    fn add_user(&mut self, add: &UserAdd) -> Outcome {
        if add.name.is_empty() || self.users.contains_key(&add.name) {
            return Outcome::Refused;
        }
        let options = add.options.unwrap_or_default();
        let Some(password) = password(&add.password, &add.hashed_password, Some(options)) else {
            return Outcome::Refused;
        };
        let user = User {
            name: add.name.clone().into_bytes(),
            password,
            roles: Vec::new(),
            options: Some(options),
        };
        self.users.insert(add.name.clone(), user);
        Outcome::Done
    }

    fn delete_user(&mut self, name: &str) -> Outcome {
        if self.enabled && name == ROOT {
            return Outcome::Refused;
        }
        done(self.users.remove(name).is_some())
    }

    fn change_password(&mut self, change: &UserChangePassword) -> Outcome {
        let Some(user) = self.users.get_mut(&change.name) else {
            return Outcome::Refused;
        };
        match password(&change.password, &change.hashed_password, user.options) {
            Some(password) => user.password = password,
            None => return Outcome::Refused,
        }
        Outcome::Done
    }

    fn grant_role(&mut self, grant: &UserRole) -> Outcome {
        let known = grant.role == ROOT || self.roles.contains_key(&grant.role);
        let Some(user) = self.users.get_mut(&grant.user).filter(|_| known) else {
            return Outcome::Refused;
        };
        let role = grant.role.as_bytes().to_vec();
        match user.roles.binary_search(&role) {
            Ok(_) => Outcome::Silent,
            Err(at) => {
                user.roles.insert(at, role);
                Outcome::Done
            }
        }
    }

    fn revoke_role(&mut self, revoke: &UserRole) -> Outcome {
        if self.enabled && revoke.user == ROOT && revoke.role == ROOT {
            return Outcome::Refused;
        }
        let Some(user) = self.users.get_mut(&revoke.user) else {
            return Outcome::Refused;
        };
        let before = user.roles.len();
        user.roles.retain(|role| *role != revoke.role.as_bytes());
        done(user.roles.len() < before)
    }

    fn add_role(&mut self, name: &str) -> Outcome {
        if name.is_empty() || self.roles.contains_key(name) {
            return Outcome::Refused;
        }
        let role = Role {
            name: name.as_bytes().to_vec(),
            permissions: Vec::new(),
        };
        self.roles.insert(name.to_owned(), role);
        Outcome::Done
    }

    fn delete_role(&mut self, name: &str) -> Outcome {
        if self.enabled && name == ROOT || self.roles.remove(name).is_none() {
            return Outcome::Refused;
        }
        for user in self.users.values_mut() {
            user.roles.retain(|role| role != name.as_bytes());
        }
        Outcome::Done
    }

    fn grant_permission(&mut self, grant: &RoleGrantPermission) -> Result<Outcome, Reason> {
        let Some(permission) = &grant.permission else {
            return Ok(Outcome::Refused);
        };
        if !is_range(permission) {
            return Err(Reason::VersionsDiffer(
                "a permission on no key at all is refused by some etcds and kept by others",
            ));
        }
        let Some(role) = self.roles.get_mut(&grant.role) else {
            return Ok(Outcome::Refused);
        };
        let same = |known: &&mut Permission| {
            known.key == permission.key && known.range_end == permission.range_end
        };
        let held = &mut role.permissions;
        if held.len() >= STABLE && held.iter().any(|known| known.key == permission.key) {
            return Err(Reason::VersionsDiffer(
                "many permissions, some beginning with one key, are sorted anyhow",
            ));
        }
        // As etcd searches: only the first permission that begins with this key.
        let first = held.partition_point(|known| known.key < permission.key);
        match held.get_mut(first).filter(same) {
            Some(known) => known.permission_type = permission.permission_type,
            None => {
                held.push(permission.clone());
                held.sort_by(|a, b| a.key.cmp(&b.key));
            }
        }
        Ok(Outcome::Done)
    }

    fn revoke_permission(&mut self, revoke: &RoleRevokePermission) -> Outcome {
        let Some(role) = self.roles.get_mut(&revoke.role) else {
            return Outcome::Refused;
        };
        let before = role.permissions.len();
        role.permissions
            .retain(|known| known.key != revoke.key || known.range_end != revoke.range_end);
        done(role.permissions.len() < before)
    }
}

fn done(changed: bool) -> Outcome {
    if changed {
        Outcome::Done
    } else {
        Outcome::Refused
    }
}

/// The hash to store, or `None` when it cannot be read. etcd 3.4 writes the password itself and
/// hashes it with a salt of its own: what then is stored cannot be known, and matters only to who
/// logs in.
fn password(plain: &str, hashed: &str, options: Option<UserAddOptions>) -> Option<Vec<u8>> {
    if options.is_some_and(|options| options.no_password) || !plain.is_empty() && hashed.is_empty()
    {
        return Some(Vec::new());
    }
    STANDARD.decode_to_vec(hashed.as_bytes()).ok()
}

fn is_range(permission: &Permission) -> bool {
    let (key, end) = (&permission.key, &permission.range_end);
    !key.is_empty() && (end.is_empty() || key < end || *end == [0])
}
