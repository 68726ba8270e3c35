//! Man pages and completions, which the program writes itself.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::made_of::Dist;

/// The shells of which a script is packed, and how its file is called there.
pub(super) const SHELLS: [(&str, &str); 3] = [
    ("bash", "etcdbrctl"),
    ("zsh", "_etcdbrctl"),
    ("fish", "etcdbrctl.fish"),
];

/// Writes `man1/*.1` and `completions/SHELL/…` below `to`.
pub(super) fn write(dist: &Dist, to: &Path) -> Result<()> {
    let pages = to.join("man1");
    fs::create_dir_all(&pages)?;
    output(
        dist,
        &["man-pages".as_ref(), "--dir".as_ref(), pages.as_os_str()],
    )?;
    ensure!(
        pages.join("etcdbrctl-restore.1").exists(),
        "the program wrote no page about `restore`"
    );
    for (shell, name) in SHELLS {
        let place = to.join("completions").join(shell);
        fs::create_dir_all(&place)?;
        let script = output(dist, &["completion".as_ref(), shell.as_ref()])?;
        fs::write(place.join(name), script)?;
    }
    Ok(())
}

fn output(dist: &Dist, words: &[&OsStr]) -> Result<Vec<u8>> {
    let run = dist.command().args(words).output();
    let run = run.with_context(|| format!("run {}", dist.program.display()))?;
    ensure!(
        run.status.success(),
        "{} {words:?}: {}",
        dist.program.display(),
        String::from_utf8_lossy(&run.stderr)
    );
    Ok(run.stdout)
}
