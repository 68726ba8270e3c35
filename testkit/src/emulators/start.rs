use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::emulator::Emulator;
use super::install::Installed;
use super::listener;
use super::place::Place;
use crate::wait;

/// How long a server may take to serve. Far more than it needs: the machine may be busy.
const SERVES: Duration = Duration::from_secs(180);

/// Starts the process; it may not serve yet. With an environment of its own: servers read
/// credentials and settings from many variables, and those of whoever tests are not for them.
pub(super) fn spawn(
    emulator: &Emulator,
    installed: &Installed,
    place: &Place,
    prepare: impl FnOnce(&mut Command),
) -> Result<Child> {
    let mut wanted = (emulator.command)(installed, place)?;
    prepare(&mut wanted);
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
    let answered = wait::until(&format!("{emulator} serves"), SERVES, || {
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
