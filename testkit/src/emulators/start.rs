use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::catalogue::Emulator;
use super::install::Installed;
use super::listener;
use crate::{patience, port};

/// How long a server may take to serve. Far more than it needs: the machine may be busy.
const SERVES: Duration = Duration::from_secs(180);

/// Where a server runs.
#[derive(Debug)]
pub(super) struct Place {
    /// For its programs and its log.
    pub(super) dir: PathBuf,
    /// For its data; empty.
    pub(super) data: PathBuf,
    pub(super) port: u16,
}

impl Place {
    /// Makes `dir` anew.
    pub(super) fn fresh(dir: PathBuf) -> Result<Self> {
        if dir.exists() {
            fs::remove_dir_all(&dir).with_context(|| format!("remove {}", dir.display()))?;
        }
        let data = dir.join("data");
        fs::create_dir_all(&data).with_context(|| format!("create {}", data.display()))?;
        let port = port::free()?;
        Ok(Self { dir, data, port })
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// A file beside the data.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.dir.join(name);
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))
    }

    fn log(&self) -> PathBuf {
        self.dir.join("log")
    }

    fn last_words(&self) -> String {
        let log = fs::read(self.log()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).into_owned();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

/// Starts the process; it may not serve yet. With an environment of its own: servers read
/// credentials and settings from many variables, and those of whoever tests are not for them.
pub(super) fn spawn(
    emulator: &Emulator,
    installed: &Installed,
    place: &Place,
    dress: impl FnOnce(&mut Command),
) -> Result<Child> {
    let mut wanted = (emulator.command)(installed, place)?;
    dress(&mut wanted);
    let meant: Vec<_> = wanted
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let log = File::create(place.log())?;
    wanted
        .env_clear()
        .envs(meant)
        .env("PATH", path)
        .env("HOME", &place.dir)
        .env("LANG", "C.UTF-8")
        .current_dir(&place.dir)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("start {emulator}"))
}

/// Returns when it answers on its port, and surely it.
pub(super) fn serves(emulator: &Emulator, place: &Place, process: &mut Child) -> Result<()> {
    let (path, status) = emulator.ready;
    let url = format!("http://{}{path}", place.address());
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(5)))
        .build()
        .into();
    let answered = patience::until(&format!("{emulator} serves"), SERVES, || {
        if let Some(ended) = process.try_wait()? {
            bail!("it ended ({ended})");
        }
        // Whatever answers on the port may be another's.
        if !listener::is(process.id(), place.port) {
            return Ok(None);
        }
        let answer = agent.get(&url).call();
        Ok(answer
            .is_ok_and(|answer| answer.status() == status)
            .then_some(()))
    });
    answered.with_context(|| format!("{emulator} does not start: {}", place.last_words()))
}
