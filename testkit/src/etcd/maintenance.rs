use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use serde_json::json;

use super::state::Header;
use super::{Bytes, Etcd, Int};
use crate::{oracles, wait};

/// The etcdctl that is asked for HashKV: the gateways before 3.5.17 have two RPCs on one path and
/// answer with the other hash. Any version fits any server.
const ETCDCTL: &str = "3.5.1";

/// What etcd answers to HashKV. Two answers say the same only at the same compact revision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct HashKv {
    /// CRC-32C over the revisions.
    #[serde(default)]
    pub hash: u32,
    /// What is compacted; -1 for nothing.
    #[serde(default)]
    pub compact_revision: Int,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "HashKV")]
    hash_kv: HashKv,
}

impl HashKv {
    /// Out of what `etcdctl endpoint hashkv -w json` prints.
    pub fn parse(json: &str) -> Result<Self> {
        let answers: Vec<Answer> = serde_json::from_str(json)?;
        let answer = answers.first().context("etcdctl prints no hash")?;
        Ok(answer.hash_kv)
    }
}

impl Etcd {
    /// HashKV at `revision`; 0 for now.
    pub fn hash_kv(&self, revision: i64) -> Result<HashKv> {
        self.hash_kv_as(revision, None)
    }

    /// How often it has read its whole database for a hash since it was started, by its own count.
    pub fn hash_scans(&self) -> Result<u64> {
        const COUNT: &str = "etcd_mvcc_hash_rev_duration_seconds_count ";
        let metrics = self.gateway().text("/metrics")?;
        let line = metrics.lines().find_map(|line| line.strip_prefix(COUNT));
        Ok(line.context("etcd counts no hashes")?.trim().parse()?)
    }

    /// Returns when it tells of which version its data is: since 3.6, some time after its first start. A change of that
    /// takes a full.
    pub fn until_its_version_is_stored(&self) -> Result<()> {
        wait::until("its version is stored", Duration::from_secs(60), || {
            let status = self.ask("maintenance/status", &json!({}), None)?;
            let text = |name: &str| status[name].as_str().unwrap_or_default().to_owned();
            let (version, stored) = (text("version"), text("storageVersion"));
            let is_told = !version.starts_with("3.4.") && !version.starts_with("3.5.");
            let minor = version.rsplit_once('.').map_or("", |(minor, _)| minor);
            let is_stored = !minor.is_empty() && stored.starts_with(minor);
            Ok((is_stored || !is_told).then_some(()))
        })
    }

    /// Has `etcdctl` write a snapshot to `path`.
    pub fn save_snapshot(&self, path: &Path) -> Result<()> {
        let etcdctl = oracles::etcd(ETCDCTL)?.sibling("etcdctl")?;
        let done = Command::new(etcdctl)
            .args(["--endpoints", self.gateway().url(), "snapshot", "save"])
            .arg(path)
            .env("ETCDCTL_API", "3")
            .output()?;
        let said = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "snapshot save: {said}");
        Ok(())
    }

    /// HashKV, asked by somebody: `NAME:PASSWORD`.
    pub fn hash_kv_as(&self, revision: i64, user: Option<&str>) -> Result<HashKv> {
        let etcdctl = oracles::etcd(ETCDCTL)?.sibling("etcdctl")?;
        let done = Command::new(etcdctl)
            .args(["--endpoints", self.gateway().url()])
            .args(["endpoint", "hashkv", "-w", "json", "--rev"])
            .arg(revision.to_string())
            .args(user.into_iter().flat_map(|user| ["--user", user]))
            .env("ETCDCTL_API", "3")
            .output()?;
        ensure!(
            done.status.success(),
            "hashkv at {revision}: {}",
            String::from_utf8_lossy(&done.stderr)
        );
        HashKv::parse(&String::from_utf8_lossy(&done.stdout))
    }

    /// Copies the snapshot that etcd sends, SHA-256 and all, to `to`.
    pub fn snapshot(&self, mut to: impl Write) -> Result<()> {
        #[derive(Deserialize)]
        struct Piece {
            result: Option<Blob>,
            error: Option<serde_json::Value>,
        }
        #[derive(Deserialize)]
        struct Blob {
            #[serde(default)]
            blob: Bytes,
        }
        let none = serde_json::json!({});
        let pieces = self.gateway().stream("maintenance/snapshot", &none)?;
        for piece in serde_json::Deserializer::from_reader(pieces).into_iter() {
            let piece: Piece = piece?;
            match (piece.result, piece.error) {
                (Some(blob), None) => to.write_all(&blob.blob.0)?,
                (_, error) => bail!("the snapshot breaks off: {error:?}"),
            }
        }
        Ok(())
    }

    /// The ids of cluster and member that the listener names.
    pub(super) fn ids(&self) -> Result<(u64, u64)> {
        #[derive(Deserialize)]
        struct Answer {
            header: Header,
        }
        let none = serde_json::json!({});
        let header = self
            .gateway()
            .call::<Answer>("maintenance/status", &none)?
            .header;
        Ok((
            u64::try_from(header.cluster_id.0)?,
            u64::try_from(header.member_id.0)?,
        ))
    }
}
