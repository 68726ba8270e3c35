use fastrand::Rng;
use serde_json::{Value, json};

use super::clients::PASSWORD;
use crate::etcd::Bytes;

pub(super) const ROOT: &str = "root";
const USERS: [&str; 3] = ["u0", "u1", "u2"];
const ROLES: [&str; 3] = ["r0", "r1", "r2"];

/// What makes a cluster with users who are checked.
pub(super) fn setup() -> Vec<(&'static str, Value)> {
    let mut steps = vec![
        ("auth/user/add", json!({"name": ROOT, "password": PASSWORD})),
        ("auth/role/add", json!({"name": ROOT})),
        ("auth/user/grant", json!({"user": ROOT, "role": ROOT})),
    ];
    for (user, role) in USERS.iter().zip(ROLES) {
        let directory = role.replace('r', "").replace('0', "a/");
        let directory = directory.replace('1', "b/").replace('2', "c/");
        let permission = permission(&directory, &directory.replace('/', "0"), "READWRITE");
        steps.extend([
            ("auth/user/add", json!({"name": user, "password": PASSWORD})),
            ("auth/role/add", json!({"name": role})),
            ("auth/role/grant", json!({"name": role, "perm": permission})),
            ("auth/user/grant", json!({"user": user, "role": role})),
        ]);
    }
    steps.push(("auth/enable", json!({})));
    steps
}

fn permission(key: &str, end: &str, kind: &str) -> Value {
    let end = Bytes::from(end);
    json!({"permType": kind, "key": Bytes::from(key), "range_end": end})
}

/// Somebody who asks, mostly one of those whose permissions matter.
pub(super) fn anybody(rng: &mut Rng) -> &'static str {
    match rng.u8(0..10) {
        0..3 => ROOT,
        _ => USERS[rng.usize(..USERS.len())],
    }
}

/// A random change of users and roles.
pub(super) fn request(rng: &mut Rng) -> (&'static str, Value) {
    let user = USERS[rng.usize(..USERS.len())];
    let role = ROLES[rng.usize(..ROLES.len())];
    let (key, end) = range(rng);
    match rng.u8(0..40) {
        0..8 => {
            let kind = ["READ", "WRITE", "READWRITE"][rng.usize(..3)];
            let grant = json!({"name": role, "perm": permission(key, end, kind)});
            ("auth/role/grant", grant)
        }
        8..14 => {
            let revoke =
                json!({"role": role, "key": Bytes::from(key), "range_end": Bytes::from(end)});
            ("auth/role/revoke", revoke)
        }
        14..20 => ("auth/user/grant", json!({"user": user, "role": role})),
        20 => ("auth/user/grant", json!({"user": user, "role": ROOT})),
        21..24 => ("auth/user/revoke", json!({"name": user, "role": role})),
        24 => ("auth/user/revoke", json!({"name": user, "role": ROOT})),
        25..27 => ("auth/user/delete", json!({"name": user})),
        27..31 => ("auth/user/add", json!({"name": user, "password": PASSWORD})),
        31 => ("auth/role/delete", json!({"role": role})),
        32..35 => ("auth/role/add", json!({"name": role})),
        35 => (
            "auth/user/changepw",
            json!({"name": user, "password": PASSWORD}),
        ),
        36 => ("auth/disable", json!({})),
        _ => ("auth/enable", json!({})),
    }
}

fn range(rng: &mut Rng) -> (&'static str, &'static str) {
    let ranges = [
        ("a/", "a0"),
        ("b/", "b0"),
        ("c/", "c0"),
        ("a/3", "b/5"),
        ("b/1", ""),
        ("c/2", "\0"),
        ("\0", "\0"),
    ];
    ranges[rng.usize(..ranges.len())]
}
