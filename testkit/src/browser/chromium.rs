//! Chromium out of Debian's packages, without installing them: it, and those libraries that this machine lacks. Debian keeps the newest
//! version alone, so none is pinned.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::cache::Slot;
use crate::oracles::apt;
use crate::program;

const WHERE_FROM: &str = "it comes from Debian's packages, as chromium";

/// It, in the cache.
pub(super) struct Chromium {
    root: PathBuf,
}

impl Chromium {
    pub(super) fn bring() -> Result<Self> {
        let slot = Slot::on("browser", "chromium".to_owned())?;
        let this = Self { root: slot.dir() };
        let _lock = slot.lock()?;
        if !this.program().exists() {
            this.fetch(&slot)?;
        }
        this.write_fonts()?;
        Ok(this)
    }

    fn fetch(&self, slot: &Slot) -> Result<()> {
        let unfinished = slot.begin()?;
        let scratch = unfinished.scratch();
        let download = || {
            let packages = needed(scratch)?;
            program::run(apt(scratch).arg("download").args(&packages))
        };
        if download().is_err() {
            // The list of packages may be missing or old.
            program::run(apt(scratch).arg("update")).context(WHERE_FROM)?;
            download().context(WHERE_FROM)?;
        }
        for entry in fs::read_dir(scratch)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "deb") {
                let whole = unfinished.whole();
                program::run(Command::new("dpkg-deb").arg("-x").arg(&path).arg(whole))?;
            }
        }
        unfinished.publish(slot)?;
        ensure!(
            self.program().exists(),
            "the package chromium holds no program"
        );
        Ok(())
    }

    /// The program itself: what Debian puts before it looks for its parts below `/`.
    pub(super) fn program(&self) -> PathBuf {
        self.root.join("usr/lib/chromium/chromium")
    }

    /// By which it finds libraries and fonts.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        let machine = format!("{}-linux-gnu", std::env::consts::ARCH);
        let usual = format!("usr/lib/{machine}");
        // The library of sound looks for its own below an absolute place.
        let libraries = [
            format!("lib/{machine}"),
            format!("{usual}/pulseaudio"),
            usual,
        ];
        let libraries = libraries.map(|dir| self.root.join(dir).display().to_string());
        vec![
            ("LD_LIBRARY_PATH", libraries.join(":")),
            ("FONTCONFIG_FILE", self.fonts().display().to_string()),
        ]
    }

    fn fonts(&self) -> PathBuf {
        self.root.join("fonts.conf")
    }

    fn write_fonts(&self) -> Result<()> {
        let own = self.root.join("usr/share/fonts");
        let text = format!(
            "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig><dir>/usr/share/fonts</dir>\
             <dir>{}</dir><cachedir prefix=\"xdg\">fontconfig</cachedir>{}</fontconfig>",
            own.display(),
            [
                alias("sans-serif", "DejaVu Sans"),
                alias("system-ui", "DejaVu Sans"),
                alias("monospace", "DejaVu Sans Mono"),
            ]
            .concat()
        );
        // Another test may be reading it.
        if fs::read_to_string(self.fonts()).ok().as_deref() != Some(&*text) {
            fs::write(self.fonts(), text)?;
        }
        Ok(())
    }
}

/// Without it a page is shown in whatever font is found first.
fn alias(family: &str, font: &str) -> String {
    format!("<alias><family>{family}</family><prefer><family>{font}</family></prefer></alias>")
}

/// The packages that apt would install for it, each with its version.
fn needed(scratch: &Path) -> Result<Vec<String>> {
    let said = program::run(
        apt(scratch)
            .args(["--simulate", "--no-install-recommends", "install"])
            .args(["chromium", "fonts-dejavu-core"]),
    )?;
    let packages = packages(&said);
    ensure!(!packages.is_empty(), "apt names no package to download");
    Ok(packages)
}

/// `Inst libnss3 (2:3.87.1-1 Debian:12 [amd64])`, and for one that is replaced `Inst NAME [OLD] (NEW …`.
fn packages(said: &str) -> Vec<String> {
    let lines = said.lines().filter_map(|line| line.strip_prefix("Inst "));
    let packages = lines.filter_map(|line| {
        let name = line.split_whitespace().next()?;
        let version = line.split_once('(')?.1.split_whitespace().next()?;
        Some(format!("{name}={version}"))
    });
    packages.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_apt_would_install_is_read() {
        let said = "Reading package lists...\nInst libnss3 (2:3.87.1-1+deb12u2 Debian-Security:12/stable [amd64])\n\
                    Inst zlib1g [1:1.2.13-1] (1:1.2.13-2 Debian:12.1/stable [amd64])\nConf libnss3 (2:3.87.1-1 Debian:12)\n";
        assert_eq!(
            packages(said),
            ["libnss3=2:3.87.1-1+deb12u2", "zlib1g=1:1.2.13-2"]
        );
        assert!(packages("E: Unable to locate package").is_empty());
    }
}
