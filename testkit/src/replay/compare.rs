use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use etcd::authpb::Role;
use etcd::replay::State as Replayed;
use serde_json::{Value, json};

use super::clients::{Client, PASSWORD};
use super::users_load::ROOT;
use crate::etcd::{Bytes, Etcd, Int, KeyValue, State};
use crate::wait;

/// For the sets of hashes; any number does.
const SEED: u64 = 7;

/// Longer than a compaction of so few entries takes on a busy machine.
const COMPACTED: Duration = Duration::from_secs(10);

type Native<'a> = Replayed<'a, File, File>;

/// All live keys, in order, as an etcd would answer.
pub(super) fn native_state(native: &Native<'_>) -> Result<State> {
    let mut kvs = Vec::new();
    native.each_live(SEED, |kv| {
        kvs.push(KeyValue {
            key: Bytes::from(kv.key),
            create_revision: Int::from(kv.create_revision),
            mod_revision: Int::from(kv.mod_revision),
            version: Int::from(kv.version),
            value: Bytes::from(kv.value),
            lease: Int::from(kv.lease),
        });
    })?;
    kvs.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(State::new(native.revision(), kvs))
}

/// The revision of an etcd that may or may not check its users.
pub(super) fn revision(etcd: &Etcd) -> Result<i64> {
    let range = json!({"key": "AA=="});
    let answer = Client::default().ask(etcd, Some(ROOT), "kv/range", &range)?;
    let state: State = serde_json::from_value(answer.context("a range is refused")?)?;
    Ok(state.revision())
}

/// Holds a replayed directory against the etcd that runs on a copy of it.
pub(super) fn same(native: &Native<'_>, etcd: &Etcd) -> Result<()> {
    let mut asked = Asked {
        etcd,
        client: Client::default(),
        user: native.auth().is_enabled().then_some(ROOT),
    };
    let all = json!({"key": "AA==", "range_end": "AA=="});
    let theirs: State = serde_json::from_value(asked.ask("kv/range", &all)?)?;
    let ours = native_state(native)?;
    ensure!(
        ours.revision() == theirs.revision(),
        "revision {} here, {} there",
        ours.revision(),
        theirs.revision()
    );
    if let Some(difference) = ours.difference(&theirs) {
        anyhow::bail!("{difference}");
    }
    same_hash(native, &mut asked)?;
    same_leases(native, &mut asked).context("leases")?;
    same_alarms(native, &mut asked).context("alarms")?;
    same_members(native, &mut asked).context("members")?;
    same_users(native, &mut asked).context("users")
}

/// An etcd completes a compaction that was begun when it starts, beside what it answers. Readers of
/// 3.5.1 do not see what it has removed until that is committed, which these etcds do once an hour
/// (`--backend-batch-interval`); and where no key is live, what is removed is hashed. So it is made to
/// commit, which the older `Hash` does, and asked again (3.5.35 commits it at once: mvcc/backend/batch_tx.go,
/// `pendingDeleteOperations`). A revision is named where that is allowed, above the compacted one: since
/// 3.5.5 an etcd asked for "the newest" (0) answers with the hash that it has kept of a compaction at
/// revision 0, if its log has one (mvcc/hash.go, `HashByRev`).
fn same_hash(native: &Native<'_>, asked: &mut Asked<'_>) -> Result<()> {
    let user = asked.user.map(|user| format!("{user}:{PASSWORD}"));
    let ours = (
        native.hash_kv(SEED)?,
        // Compacted at 0 is never compacted to an etcd that was started since.
        native.compaction().revision().unwrap_or(-1).max(0),
    );
    let revision = match native.revision() > ours.1 {
        true => native.revision(),
        false => 0,
    };
    let mut theirs = (0, 0);
    let same = wait::until("HashKV is the same", COMPACTED, || {
        let hash = asked.etcd.hash_kv_as(revision, user.as_deref())?;
        theirs = (hash.hash, hash.compact_revision.signed().max(0));
        if ours != theirs {
            asked.ask("maintenance/hash", &json!({}))?;
        }
        Ok((ours == theirs).then_some(()))
    });
    same.with_context(|| format!("HashKV {ours:?} here, {theirs:?} there"))
}

struct Asked<'a> {
    etcd: &'a Etcd,
    client: Client,
    user: Option<&'static str>,
}

impl Asked<'_> {
    fn ask(&mut self, rpc: &str, request: &Value) -> Result<Value> {
        let answer = self.client.ask(self.etcd, self.user, rpc, request)?;
        answer.with_context(|| format!("{rpc} is refused"))
    }
}

fn array<'v>(answer: &'v Value, field: &str) -> &'v [Value] {
    answer[field].as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn agree<T: PartialEq + std::fmt::Debug>(ours: T, theirs: T) -> Result<()> {
    ensure!(ours == theirs, "{ours:?} here, {theirs:?} there");
    Ok(())
}

fn same_leases(native: &Native<'_>, asked: &mut Asked<'_>) -> Result<()> {
    let mut theirs = BTreeMap::new();
    for lease in array(&asked.ask("lease/leases", &json!({}))?, "leases") {
        let time = asked.ask("lease/timetolive", &json!({"ID": lease["ID"]}))?;
        theirs.insert(text(&lease["ID"]), text(&time["grantedTTL"]));
    }
    let ours = native.leases();
    let ours = ours.map(|lease| (lease.id.to_string(), lease.ttl.to_string()));
    agree(ours.collect(), theirs)
}

fn same_alarms(native: &Native<'_>, asked: &mut Asked<'_>) -> Result<()> {
    let answer = asked.ask("maintenance/alarm", &json!({"action": "GET"}))?;
    let theirs: BTreeSet<_> = array(&answer, "alarms")
        .iter()
        .map(|alarm| (text(&alarm["memberID"]), text(&alarm["alarm"])))
        .collect();
    let ours = native.alarms().map(|alarm| {
        let name = if alarm.alarm == 1 {
            "NOSPACE"
        } else {
            "CORRUPT"
        };
        (alarm.member.to_string(), name.to_owned())
    });
    agree(ours.collect(), theirs)
}

fn same_members(native: &Native<'_>, asked: &mut Asked<'_>) -> Result<()> {
    let answer = asked.ask("cluster/member/list", &json!({}))?;
    let theirs: BTreeSet<_> = array(&answer, "members")
        .iter()
        .map(|member| {
            let urls: Vec<String> = array(member, "peerURLs").iter().map(text).collect();
            let learner = member["isLearner"].as_bool().unwrap_or(false);
            (text(&member["ID"]), urls, learner)
        })
        .collect();
    let ours = native.members().map(|member| {
        let urls = member.peer_urls.clone().unwrap_or_default();
        (member.id.0.to_string(), urls, member.is_learner)
    });
    agree(ours.collect(), theirs)
}

fn same_users(native: &Native<'_>, asked: &mut Asked<'_>) -> Result<()> {
    let auth = native.auth();
    // Since 3.5.
    if let Ok(status) = asked.ask("auth/status", &json!({})) {
        let enabled = status["enabled"].as_bool().unwrap_or(false);
        let revision = text(&status["authRevision"]).parse().unwrap_or(0);
        agree((auth.is_enabled(), auth.revision()), (enabled, revision))?;
    }
    let mut theirs = BTreeMap::new();
    for user in array(&asked.ask("auth/user/list", &json!({}))?, "users") {
        let answer = asked.ask("auth/user/get", &json!({"name": user}))?;
        let roles: Vec<String> = array(&answer, "roles").iter().map(text).collect();
        theirs.insert(text(user), roles);
    }
    let name = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
    let ours = auth.users().map(|user| {
        (
            name(&user.name),
            user.role_names().map(String::from).collect(),
        )
    });
    agree(ours.collect(), theirs)?;
    let mut theirs = BTreeMap::new();
    for role in array(&asked.ask("auth/role/list", &json!({}))?, "roles") {
        // What root may do is made up differently by every version.
        if role != ROOT {
            let answer = asked.ask("auth/role/get", &json!({"role": role}))?;
            theirs.insert(
                text(role),
                array(&answer, "perm").iter().map(permission).collect(),
            );
        }
    }
    let ours = auth.roles().filter(|role| role.name != ROOT.as_bytes());
    let ours = ours.map(|role| (name(&role.name), permissions(role)));
    agree(ours.collect::<BTreeMap<_, BTreeSet<_>>>(), theirs)
}

fn permission(theirs: &Value) -> (String, Bytes, Bytes) {
    let kind = theirs["permType"].as_str().unwrap_or("READ").to_owned();
    let bytes = |field: &str| serde_json::from_value(theirs[field].clone()).unwrap_or_default();
    (kind, bytes("key"), bytes("range_end"))
}

fn permissions(role: &Role) -> BTreeSet<(String, Bytes, Bytes)> {
    let ours = role.permissions.iter().map(|permission| {
        let kind = ["READ", "WRITE", "READWRITE"][permission.permission_type as usize];
        let (key, end) = (&permission.key, &permission.range_end);
        (kind.to_owned(), Bytes::from(key), Bytes::from(end))
    });
    ours.collect()
}
