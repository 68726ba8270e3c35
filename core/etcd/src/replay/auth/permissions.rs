//! Whether the ranges that a user's roles name cover a range that a request names
//! (server/auth/range_perm_cache.go, pkg/adt/interval_tree.go).

use std::cmp::Ordering;

use crate::authpb::{Permission, PermissionType, User};

use super::super::kv_request::Keys;
use super::AuthStore;

/// What a request does with its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// An end of an interval: an empty one is after all keys.
fn compare(a: &[u8], b: &[u8]) -> Ordering {
    match (a, b) {
        ([], []) => Ordering::Equal,
        ([], _) => Ordering::Greater,
        (_, []) => Ordering::Less,
        _ => a.cmp(b),
    }
}

#[derive(Debug, Clone)]
struct Interval {
    begin: Vec<u8>,
    end: Vec<u8>,
}

impl Interval {
    fn of(key: &[u8], end: &[u8]) -> Self {
        let end = match end {
            // Nothing lies between a key and itself with a zero byte.
            [] => [key, &[0]].concat(),
            [0] => Vec::new(),
            end => end.to_vec(),
        };
        Self {
            begin: key.to_vec(),
            end,
        }
    }

    fn meets(&self, other: &Self) -> bool {
        compare(&self.begin, &other.end).is_lt() && compare(&self.end, &other.begin).is_gt()
    }
}

impl AuthStore {
    pub(super) fn permits(&self, user: &User, keys: Keys<'_>, access: Access) -> bool {
        let wanted = Interval::of(keys.key, keys.end);
        let mut met: Vec<Interval> = user
            .role_names()
            .filter_map(|role| self.roles.get(role.as_ref()))
            .flat_map(|role| &role.permissions)
            .filter(|permission| allows(permission, access))
            .map(|permission| Interval::of(&permission.key, &permission.range_end))
            .filter(|interval| interval.meets(&wanted))
            .collect();
        if keys.end.is_empty() {
            return !met.is_empty();
        }
        met.sort_by(|a, b| compare(&a.begin, &b.begin));
        covers(&met, &wanted)
    }
}

fn allows(permission: &Permission, access: Access) -> bool {
    match permission.permission_type() {
        PermissionType::ReadWrite => true,
        PermissionType::Read => access == Access::Read,
        PermissionType::Write => access == Access::Write,
    }
}

/// Whether these intervals, in order, leave no gap from the begin to the end wanted.
fn covers(intervals: &[Interval], wanted: &Interval) -> bool {
    let Some((first, rest)) = intervals.split_first() else {
        return false;
    };
    let mut reached = &first.end;
    for interval in rest {
        if compare(reached, &interval.begin).is_lt() {
            return false;
        }
        if compare(&interval.end, reached).is_gt() {
            reached = &interval.end;
        }
    }
    compare(reached, &wanted.end).is_ge() && compare(&first.begin, &wanted.begin).is_le()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authpb::Role;

    fn store(permissions: &[(&str, &str)]) -> (AuthStore, User) {
        let permissions = permissions.iter().map(|(key, end)| Permission {
            permission_type: PermissionType::Write.into(),
            key: key.as_bytes().to_vec(),
            range_end: end.as_bytes().to_vec(),
        });
        let role = Role {
            name: b"r".to_vec(),
            permissions: permissions.collect(),
        };
        let user = User {
            roles: vec![b"gone".to_vec(), b"r".to_vec()],
            ..User::default()
        };
        let mut store = AuthStore::default();
        store.roles.insert("r".to_owned(), role);
        (store, user)
    }

    #[test]
    fn ranges_join_and_points_stand_alone() {
        let (store, user) = store(&[("d", "g"), ("a", "d"), ("x", ""), ("y", "\0")]);
        let may = |key: &str, end: &str| {
            let keys = Keys {
                key: key.as_bytes(),
                end: end.as_bytes(),
            };
            store.permits(&user, keys, Access::Write)
        };
        assert!(may("a", "") && may("a", "g") && may("b", "f") && may("x", "") && may("zz", ""));
        assert!(may("y", "\0") && may("x", "x\0"));
        assert!(!may("g", "") && !may("a", "h") && !may("x", "y") && !may("x", "\0"));
        let keys = Keys {
            key: b"a",
            end: b"",
        };
        assert!(!store.permits(&user, keys, Access::Read));
    }
}
