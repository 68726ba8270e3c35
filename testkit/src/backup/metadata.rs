//! What this project's snapshotter writes beside a snapshot (`meta/<name>.json`), by hand: nothing here is shared with the
//! code under test.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// Of which history snapshots are said to be.
#[derive(Debug, Clone)]
pub struct Told {
    lineage: Value,
    cluster_id: String,
}

impl Told {
    /// Of the lineage `id`, which left none, written by the cluster with this id.
    pub fn of(id: &str, cluster_id: u64) -> Self {
        Self {
            lineage: json!({ "id": id }),
            cluster_id: format!("{cluster_id:x}"),
        }
    }

    /// Of one that left `parent` after revision `left_at`, which is proven.
    pub fn leaving(mut self, parent: &str, left_at: i64) -> Self {
        self.lineage["parent"] = json!({ "id": parent, "left_at": left_at, "branching": "proven" });
        self
    }

    /// Writes the metadata of the snapshot `name` into the store at `root`. `previous`: the one that it continues.
    pub fn write(&self, root: &Path, name: &str, previous: Option<&str>) -> Result<()> {
        let kind = match name.starts_with("Full-") {
            true => "full",
            false => "delta",
        };
        let mut document = json!({
            "format": 1,
            "snapshot": name,
            "kind": kind,
            "cluster_id": self.cluster_id,
            "lineage": self.lineage,
        });
        if let Some(previous) = previous {
            document["previous"] = json!({ "snapshot": previous });
        }
        write(root, name, document.to_string().as_bytes())
    }
}

/// Writes whatever stands where the metadata of `name` does.
pub fn write(root: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    let dir = root.join("meta");
    fs::create_dir_all(&dir)?;
    let path = dir.join(format!("{name}.json"));
    fs::write(&path, bytes).with_context(|| format!("write {}", path.display()))
}
