//! Man pages and completions, which the program writes itself.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The shells of which a script is packed, and how its file is called there.
pub(super) const SHELLS: [(&str, &str); 3] = [
    ("bash", "etcdbrctl"),
    ("zsh", "_etcdbrctl"),
    ("fish", "etcdbrctl.fish"),
];

/// Writes `man1/*.1` and `completions/SHELL/…` below `to`.
pub(super) fn write(program: &Path, to: &Path) -> Result<()> {
    let pages = to.join("man1");
    fs::create_dir_all(&pages)?;
    output(
        program,
        &["man-pages".as_ref(), "--dir".as_ref(), pages.as_os_str()],
    )?;
    ensure!(
        pages.join("etcdbrctl-restore.1").exists(),
        "the program wrote no page about `restore`"
    );
    for (shell, name) in SHELLS {
        let place = to.join("completions").join(shell);
        fs::create_dir_all(&place)?;
        let script = output(program, &["completion".as_ref(), shell.as_ref()])?;
        fs::write(place.join(name), script)?;
    }
    Ok(())
}

fn output(program: &Path, words: &[&std::ffi::OsStr]) -> Result<Vec<u8>> {
    let run = Command::new(program).args(words).output();
    let run = run.with_context(|| format!("run {}", program.display()))?;
    ensure!(
        run.status.success(),
        "{} {words:?}: {}",
        program.display(),
        String::from_utf8_lossy(&run.stderr)
    );
    Ok(run.stdout)
}
