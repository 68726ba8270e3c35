use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};

/// A program of ours that serves: its first line says where, and it ends when it is dropped.
pub(in crate::bench) struct Served {
    child: Child,
    said: BufReader<ChildStdout>,
    url: String,
}

impl Served {
    pub(in crate::bench) fn start(command: &mut Command) -> Result<Self> {
        let name = command.get_program().display().to_string();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("start {name}"))?;
        let said = child.stdout.take().context("its output is not a pipe")?;
        let (mut said, mut line) = (BufReader::new(said), String::new());
        said.read_line(&mut line)?;
        let url = line.trim().rsplit('=').next().unwrap_or_default();
        ensure!(url.starts_with("http"), "{name} does not say where it is");
        let url = url.to_owned();
        Ok(Self { child, said, url })
    }

    pub(in crate::bench) fn url(&self) -> &str {
        &self.url
    }

    /// Ends one that lives as long as its input, and returns what it says then.
    pub(in crate::bench) fn last_words(mut self) -> Result<String> {
        drop(self.child.stdin.take());
        let mut words = String::new();
        self.said.read_to_string(&mut words)?;
        Ok(words)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
