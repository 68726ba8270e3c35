//! The program in nothing but its image, as the user that it has there.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::layer::{USER, layer};
use super::made_of::Dist;

/// Unpacks the layer and runs the program in it: its version, and a restore of nothing, which ends with a sentence of ours and not with one
/// about a file that is missing. Only root can do that; otherwise it is said that it was not tried.
pub(super) fn in_the_image(dist: &Dist, authorities: &[u8]) -> Result<()> {
    if !rustix::process::geteuid().is_root() {
        println!("not tried in its image, which takes root");
        return Ok(());
    }
    let room = tempfile::tempdir()?;
    let root = room.path();
    let tar = layer(&fs::read(&dist.program)?, authorities)?;
    let mut archive = tar::Archive::new(&tar[..]);
    archive.set_preserve_permissions(true);
    archive.set_preserve_ownerships(true);
    archive.unpack(root)?;
    // The directory of tempfile is for nobody else.
    fs::set_permissions(root, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let version = output(root, &["--version"])?;
    ensure!(
        version.0.contains(&dist.version),
        "in its image the program is {version:?}, and not {}",
        dist.version
    );
    let nothing = output(root, &["list", "--store-container", "/tmp/none"])?;
    ensure!(
        nothing.1.contains("is not there"),
        "in its image `list` of a store that is not there says {nothing:?}"
    );
    println!("tried in its image as {USER}: {}", version.0.trim());
    Ok(())
}

fn output(root: &Path, words: &[&str]) -> Result<(String, String)> {
    let run = Command::new("chroot")
        .arg(format!("--userspec={USER}:{USER}"))
        .arg(root)
        .arg(super::image::ENTRYPOINT)
        .args(words)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .output()
        .context("run chroot")?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((text(&run.stdout), text(&run.stderr)))
}
