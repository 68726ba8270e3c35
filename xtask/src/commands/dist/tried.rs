//! The program in nothing but its image, as the user that it has there.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;

use super::layer::{USER, layer};
use super::made_of::Dist;

/// A backup of which it is known what it leads to.
const SAMPLE: &str = "testdata/backups/e35-gzip";

/// Unpacks the layer and runs the program in it: its version, a store that is not there, which ends with a sentence of ours and not with
/// one about a file that is missing, and a restore. Only root can do that; otherwise it is said that it was not tried.
pub(super) fn in_the_image(dist: &Dist, authorities: &[u8]) -> Result<()> {
    if !rustix::process::geteuid().is_root() {
        println!("not tried in its image, which takes root");
        return Ok(());
    }
    let image = Unpacked::new(dist, authorities)?;
    let version = image.run(&["--version"])?;
    ensure!(
        version.0.contains(&dist.version),
        "in its image the program is {version:?}, and not {}",
        dist.version
    );
    let nothing = image.run(&["list", "--store-container", "/tmp/none"])?;
    ensure!(
        nothing.1.contains("is not there"),
        "in its image `list` of a store that is not there says {nothing:?}"
    );
    let hash = image.restores(dist)?;
    let by = image.emulator.map_or("", |_| ", emulated");
    println!(
        "tried in its image as {USER}{by}: {}, restored a state with the HashKV {hash}",
        version.0.trim()
    );
    Ok(())
}

/// What the image holds, in a directory.
struct Unpacked {
    room: TempDir,
    /// What runs its programs here, below the directory.
    emulator: Option<&'static str>,
}

impl Unpacked {
    fn new(dist: &Dist, authorities: &[u8]) -> Result<Self> {
        let room = tempfile::tempdir()?;
        let tar = layer(&fs::read(&dist.program)?, authorities)?;
        let mut archive = tar::Archive::new(&tar[..]);
        archive.set_preserve_permissions(true);
        archive.set_preserve_ownerships(true);
        archive.unpack(room.path())?;
        // The directory of tempfile is for nobody else.
        fs::set_permissions(room.path(), PermissionsExt::from_mode(0o755))?;
        let mut this = Self {
            room,
            emulator: None,
        };
        if let Some(emulator) = &dist.emulator {
            fs::copy(emulator, this.inside("emulator"))?;
            this.emulator = Some("/emulator");
        }
        Ok(this)
    }

    fn inside(&self, path: &str) -> std::path::PathBuf {
        self.room.path().join(path)
    }

    fn run(&self, words: &[&str]) -> Result<(String, String)> {
        let run = Command::new("chroot")
            .arg(format!("--userspec={USER}:{USER}"))
            .arg(self.room.path())
            .args(self.emulator)
            .arg(super::image::ENTRYPOINT)
            .args(words)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .output()
            .context("run chroot")?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok((text(&run.stdout), text(&run.stderr)))
    }

    /// Restores the sample, to the hash that its etcd had.
    fn restores(&self, dist: &Dist) -> Result<u64> {
        let sample = dist.root.join(SAMPLE);
        copy(&sample.join("v2"), &self.inside("tmp/sample/v2"))?;
        let told = fs::read(sample.join("hashkv.json"))?;
        let told: Value = serde_json::from_slice(&told)?;
        let told = told[0]["HashKV"]["hash"].as_u64();
        let told = told.with_context(|| format!("{SAMPLE} does not tell its HashKV"))?;
        let words = ["restore", "-o", "json", "--store-container", "/tmp/sample"];
        let (out, complaint) =
            self.run(&[&words[..], &["--data-dir", "/tmp/restored.etcd"]].concat())?;
        let report: Value = serde_json::from_str(&out)
            .with_context(|| format!("in its image a restore says {complaint:?}"))?;
        ensure!(
            report["hash_kv"] == told,
            "in its image a restore has another HashKV than {told}: {report}"
        );
        Ok(told)
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
