use std::fmt::Write;

use prost::Message;

use crate::raftpb::{ConfChange, Entry, EntryType};

use super::auth_request::AuthRequest;
use super::kind::Kind;
use super::kv_request::{Keys, Op, Put, Txn};
use super::request::Request;

/// What an entry of the log asks for, for an operator: names and keys, but no value and no
/// password.
pub fn describe(entry: &Entry) -> String {
    let data = entry.data.as_deref().unwrap_or_default();
    match entry.entry_type() {
        EntryType::Normal if data.is_empty() => "empty: a leader's first".to_owned(),
        EntryType::Normal => match Request::decode(data) {
            Ok(request) => by(&request),
            Err(malformed) => format!("malformed: {malformed}"),
        },
        EntryType::ConfChange => match ConfChange::decode(data) {
            Ok(change) => {
                let kind = change.change_type();
                format!("conf change: {kind:?} {:x}", change.node_id)
            }
            Err(error) => format!("malformed conf change: {error}"),
        },
        EntryType::ConfChangeV2 => "conf change of the joint kind".to_owned(),
    }
}

fn by(request: &Request<'_>) -> String {
    let mut text = what(&request.kind);
    let header = request.header.unwrap_or_default();
    if !header.username.is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(text, ", by {}", header.username.escape_ascii());
    }
    text
}

fn what(kind: &Kind<'_>) -> String {
    let name = kind.name();
    match kind {
        Kind::Put(one) => put(one),
        Kind::DeleteRange(delete) => format!("delete {}", keys(delete.keys)),
        Kind::Txn(txn) => format!("{name}: {}", branches(txn)),
        Kind::Compaction { revision } => format!("{name} at revision {revision}"),
        Kind::LeaseGrant { id, ttl } => format!("{name} {id:x} for {ttl} s"),
        Kind::LeaseRevoke { id } => format!("{name} {id:x}"),
        Kind::Alarm(alarm) => {
            let action = ["asked for", "raised", "disarmed"].get(alarm.action as usize);
            let alarm_name = ["any", "NOSPACE", "CORRUPT"].get(alarm.alarm as usize);
            format!(
                "{name} {} {} by member {:x}",
                alarm_name.copied().unwrap_or("unknown"),
                action.copied().unwrap_or("changed"),
                alarm.member
            )
        }
        Kind::Auth(change) => users(change),
        Kind::ClusterVersion(version) => format!("{name} {version}"),
        Kind::MemberAttributes(attributes) => format!("{name} of {:x}", attributes.member),
        Kind::Unknown { field } => format!("{name}, field {field}"),
        Kind::LeaseCheckpoint(_) | Kind::Downgrade { .. } | Kind::Nothing => name.to_owned(),
    }
}

fn users(change: &AuthRequest) -> String {
    match change {
        AuthRequest::Enable => "users are checked from now on".to_owned(),
        AuthRequest::Disable => "users are no longer checked".to_owned(),
        AuthRequest::UserAdd(add) => format!("add user {}", add.name),
        AuthRequest::UserDelete(name) => format!("delete user {}", name.name),
        AuthRequest::UserChangePassword(change) => format!("new password of user {}", change.name),
        AuthRequest::UserGrantRole(one) => format!("grant role {} to user {}", one.role, one.user),
        AuthRequest::UserRevokeRole(one) => {
            format!("revoke role {} from user {}", one.role, one.user)
        }
        AuthRequest::RoleAdd(name) => format!("add role {}", name.name),
        AuthRequest::RoleDelete(name) => format!("delete role {}", name.name),
        AuthRequest::RoleGrantPermission(grant) => match &grant.permission {
            Some(permission) => {
                let on = keys(Keys {
                    key: &permission.key,
                    end: &permission.range_end,
                });
                let kind = permission.permission_type();
                format!("grant role {}: {kind:?} {on}", grant.role)
            }
            None => format!("grant role {} nothing", grant.role),
        },
        AuthRequest::RoleRevokePermission(revoke) => {
            let on = keys(Keys {
                key: &revoke.key,
                end: &revoke.range_end,
            });
            format!("revoke from role {}: {on}", revoke.role)
        }
    }
}

fn put(put: &Put<'_>) -> String {
    let mut text = format!("put {}", put.key.escape_ascii());
    let _ = match put.ignore_value {
        true => write!(text, ", value as it was"),
        false => write!(text, ", {} bytes", put.value.len()),
    };
    if put.lease != 0 {
        let _ = write!(text, ", lease {:x}", put.lease);
    }
    text
}

fn keys(keys: Keys<'_>) -> String {
    let key = keys.key.escape_ascii();
    match keys.end {
        [] => key.to_string(),
        [0] => format!("{key} and all after it"),
        end => format!("{key} up to {}", end.escape_ascii()),
    }
}

fn branches(txn: &Txn<'_>) -> String {
    let ops = |ops: &[Op<'_>]| {
        let ops: Vec<String> = ops.iter().map(op).collect();
        ops.join("; ")
    };
    format!(
        "if {} hold then [{}] else [{}]",
        txn.compare.len(),
        ops(&txn.success),
        ops(&txn.failure)
    )
}

fn op(op: &Op<'_>) -> String {
    match op {
        Op::Range(range) => format!("read {}", keys(range.keys)),
        Op::Put(one) => put(one),
        Op::DeleteRange(delete) => format!("delete {}", keys(delete.keys)),
        Op::Txn(txn) => branches(txn),
        Op::Nothing => "nothing".to_owned(),
    }
}
