//! The program with its papers, for whoever puts it into place by hand.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};
use tar::{Builder, Header};

use super::made_of::Dist;
use super::manual::SHELLS;

/// What goes along from the sources.
const PAPERS: [&str; 5] = [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "CHANGELOG.md",
    "README.md",
    "packaging/etcdbrctl.service",
];

/// Writes it: below one directory, entries in one order and of one time.
pub(super) fn write(dist: &Dist, papers: &Path) -> Result<()> {
    let file = File::create(dist.named(".tar.gz"))?;
    let gzip = GzBuilder::new().mtime(0).write(file, Compression::best());
    let mut tar = Builder::new(gzip);
    let below = format!("etcdbrctl-{}", dist.version);
    let mut add = |name: &str, mode: u32, path: &Path| -> Result<()> {
        let content = fs::read(path).with_context(|| format!("read {}", path.display()))?;
        let mut header = Header::new_ustar();
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(content.len() as u64);
        header.set_mtime(0);
        Ok(tar.append_data(&mut header, format!("{below}/{name}"), &content[..])?)
    };
    add("etcdbrctl", 0o755, &dist.program)?;
    for paper in PAPERS {
        let name = paper.rsplit('/').next().unwrap_or(paper);
        add(name, 0o644, &dist.root.join(paper))?;
    }
    for (shell, name) in SHELLS {
        let name = format!("completions/{shell}/{name}");
        add(&name, 0o644, &papers.join(&name))?;
    }
    for page in pages(papers)? {
        let name = format!("man1/{page}");
        add(&name, 0o644, &papers.join(&name))?;
    }
    tar.into_inner()?.finish()?.flush()?;
    Ok(())
}

/// The names of the man pages, in their order.
pub(super) fn pages(papers: &Path) -> Result<Vec<String>> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(papers.join("man1"))? {
        let name = entry?.file_name();
        pages.push(name.to_str().context("a page has a name")?.to_owned());
    }
    pages.sort();
    Ok(pages)
}
