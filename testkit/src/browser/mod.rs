//! A browser for pages: Debian's Chromium, playwright-core, which drives it, and axe, which judges what is shown to people who
//! hear a page or use it by the keyboard. In the user's cache, and brought there by the first test that needs it.

mod chromium;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::emulators::{Installed, Software, Source, fetch};
use crate::program;
use chromium::Chromium;

/// What drives it: from npm, pinned with all below it.
const PACKAGES: Software = Software {
    name: "browser",
    version: "1.65.1",
    source: Source::Npm {
        package: "playwright-core",
        manifest: include_str!("../../browser/package.json"),
        lock: include_str!("../../browser/package-lock.json"),
    },
};

/// It, and what drives it.
pub struct Browser {
    packages: Installed,
    chromium: Chromium,
}

/// A page to be looked at.
#[derive(Debug)]
pub struct Page<'a> {
    /// What it is called in findings.
    pub name: &'a str,
    /// The document.
    pub html: String,
}

impl Browser {
    /// It, brought into the cache if need be.
    pub fn bring() -> Result<Self> {
        Ok(Self {
            packages: fetch(PACKAGES)?.1,
            chromium: Chromium::bring()?,
        })
    }

    /// Shows each of the `pages` under this Content-Security-Policy, in light and dark, wide and narrow, and walks through it by the
    /// keyboard. Returns what is wrong. `screenshots`: where a picture of each is left.
    pub fn check(
        &self,
        pages: &[Page<'_>],
        policy: &str,
        screenshots: Option<&Path>,
    ) -> Result<Vec<String>> {
        let room = tempfile::tempdir()?;
        let mut files = Vec::new();
        for page in pages {
            let file = room.path().join(format!("{}.html", page.name));
            fs::write(&file, &page.html)?;
            files.push(json!({ "name": page.name, "file": file }));
        }
        let task = json!({ "policy": policy, "pages": files, "screenshots": screenshots });
        let said = self.run(include_str!("../../browser/check.mjs"), task, room.path())?;
        findings(&said)
    }

    /// Opens what is served at `url`, clicks the button of this id, which copies a text, and returns that text and what is wrong.
    pub fn copied(
        &self,
        url: &str,
        button: &str,
        screenshot: Option<&Path>,
    ) -> Result<(String, Vec<String>)> {
        let room = tempfile::tempdir()?;
        let task = json!({ "url": url, "button": button, "screenshot": screenshot });
        let said = self.run(include_str!("../../browser/copied.mjs"), task, room.path())?;
        let copied = said["copied"].as_str().context("nothing was copied")?;
        Ok((copied.to_owned(), findings(&said)?))
    }

    fn run(&self, script: &str, mut task: Value, room: &Path) -> Result<Value> {
        let variables: serde_json::Map<String, Value> = self
            .chromium
            .variables()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        task["executable"] = json!(self.chromium.program());
        task["variables"] = variables.into();
        let write = |name: &str, text: &str| -> Result<PathBuf> {
            let path = room.join(name);
            fs::write(&path, text)?;
            Ok(path)
        };
        let script = write("script.mjs", script)?;
        let task = write("task.json", &task.to_string())?;
        let said = program::run(
            Command::new("node")
                .arg(script)
                .arg(self.packages.dir())
                .arg(task)
                // It keeps what it has seen beside its home.
                .env("HOME", room),
        )
        .context(
            "no page could be looked at; Node 20 or later drives the browser (https://nodejs.org)",
        )?;
        let last = said.lines().last().unwrap_or_default();
        serde_json::from_str(last).with_context(|| format!("the script printed {said:?}"))
    }
}

fn findings(said: &Value) -> Result<Vec<String>> {
    let all = said["findings"].as_array().context("it says nothing")?;
    Ok(all
        .iter()
        .map(|one| one.as_str().unwrap_or_default().to_owned())
        .collect())
}
