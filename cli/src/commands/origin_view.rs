//! Where a state was read, in a JSON document and in words.

use engine::backups::branches::Taken;
use engine::keyspace::{Backup, Live, Origin};
use engine::size::counted;
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum OriginView<'a> {
    Backup {
        revision: i64,
        base: Option<&'a str>,
        deltas: &'a [String],
        #[serde(skip_serializing_if = "Option::is_none")]
        time: Option<jiff::Timestamp>,
        #[serde(skip_serializing_if = "Option::is_none")]
        lineage: Option<&'a Taken>,
        warnings: &'a [String],
    },
    Live {
        revision: i64,
        endpoint: &'a str,
        cluster_id: String,
    },
}

pub(super) fn origin_view(origin: &Origin) -> OriginView<'_> {
    match origin {
        Origin::Backup(backup) => {
            let Backup {
                revision,
                base,
                deltas,
                time,
                branch,
                warnings,
                ..
            } = &**backup;
            OriginView::Backup {
                revision: *revision,
                base: base.as_deref(),
                deltas,
                time: *time,
                lineage: branch.as_ref(),
                warnings,
            }
        }
        Origin::Live(Live {
            revision,
            endpoint,
            cluster_id,
        }) => OriginView::Live {
            revision: *revision,
            endpoint,
            cluster_id: format!("{cluster_id:x}"),
        },
    }
}

/// In words: `revision 23 of Full-… and 2 deltas`.
pub(super) fn told(origin: &Origin) -> String {
    let revision = origin.revision();
    match origin {
        Origin::Backup(backup) => {
            let base = backup.base.as_deref().unwrap_or("an empty store");
            let deltas = counted(backup.deltas.len(), "delta", "deltas");
            format!("revision {revision} of {base} and {deltas}")
        }
        Origin::Live(live) => format!("revision {revision} of etcd at {}", live.endpoint),
    }
}
