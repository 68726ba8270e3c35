//! A store that is far away.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::measure::{self, Run};
use super::stores::peer::{BUCKET, Peer};
use super::stores::programs::alone;

/// What every request waits.
pub(super) const LATENCY: Duration = Duration::from_millis(30);

/// Restores what stands at `place`.
pub(super) fn restore(binary: &Path, peer: &Peer, place: &str, target: &Path) -> Result<Run> {
    let mut restore = alone(binary);
    restore
        .args(["restore", "--storage-provider", peer.provider])
        .args(["--store-container", BUCKET, "--store-prefix", place])
        .arg("--data-dir")
        .arg(target)
        .envs(peer.credentials.iter().map(|(name, dir)| (name, dir)));
    measure::process(&mut restore)
}
