//! `-w json`: the document of etcdctl, keys and values in base64, and where it was read.

use base64_simd::STANDARD;
use engine::backups::branches::Taken;
use engine::get::{Answer, Kind, Version};
use serde::Serialize;

use crate::args::GetArgs;
use crate::kube_object::described;

/// A state has `kvs`, a history `events`.
#[derive(Debug, Serialize)]
pub(super) struct GetView<'a> {
    header: Header,
    #[serde(skip_serializing_if = "Option::is_none")]
    kvs: Option<Vec<KeyValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<Vec<Event>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    more: bool,
    count: usize,
    backup: Backup<'a>,
}

#[derive(Debug, Serialize)]
struct Header {
    revision: i64,
}

#[derive(Debug, Serialize)]
struct Event {
    #[serde(rename = "type")]
    kind: &'static str,
    kv: KeyValue,
}

/// As etcdctl writes it: what is zero is left out.
#[derive(Debug, Serialize)]
struct KeyValue {
    key: String,
    #[serde(skip_serializing_if = "is_zero")]
    create_revision: i64,
    mod_revision: i64,
    #[serde(skip_serializing_if = "is_zero")]
    version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "is_zero")]
    lease: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
}

/// What it was read from.
#[derive(Debug, Serialize)]
struct Backup<'a> {
    base: Option<&'a str>,
    deltas: &'a [String],
    /// -1 where it was never compacted, as with the other commands.
    compact_revision: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<jiff::Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lineage: Option<&'a Taken>,
    warnings: &'a [String],
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

pub(super) fn document<'a>(answer: &'a Answer, shown: usize, args: &GetArgs) -> GetView<'a> {
    let versions = answer.versions.iter().take(shown);
    let versions = versions.filter(|_| !args.count_only);
    let (kvs, events) = match args.history {
        true => (None, Some(versions.map(|one| event(one, args)).collect())),
        false => (Some(versions.map(|one| kv(one, args)).collect()), None),
    };
    GetView {
        header: Header {
            revision: answer.backup.revision,
        },
        kvs,
        events,
        more: shown < answer.versions.len(),
        count: answer.versions.len(),
        backup: Backup {
            base: answer.backup.base.as_deref(),
            deltas: &answer.backup.deltas,
            compact_revision: answer.backup.compact_revision.unwrap_or(-1),
            time: answer.backup.time,
            lineage: answer.backup.branch.as_ref(),
            warnings: &answer.backup.warnings,
        },
    }
}

fn event(version: &Version, args: &GetArgs) -> Event {
    Event {
        kind: match version.kind {
            Kind::Put => "PUT",
            Kind::Tombstone => "DELETE",
        },
        kv: kv(version, args),
    }
}

fn kv(version: &Version, args: &GetArgs) -> KeyValue {
    let value = version.value.as_deref();
    KeyValue {
        key: STANDARD.encode_to_string(&version.key),
        create_revision: version.create_revision,
        mod_revision: version.revision.main,
        version: version.version,
        value: value.map(|value| STANDARD.encode_to_string(value)),
        lease: version.lease,
        object: value.filter(|_| args.decode).and_then(described),
    }
}
