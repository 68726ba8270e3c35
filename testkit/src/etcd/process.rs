use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

use super::gateway::{Gateway, Refused};
use super::member::Member;
use crate::oracles::Binary;
use crate::{port, wait};

/// How long an etcd may take to become healthy. Far more than it needs: the machine may be busy.
const HEALTHY: Duration = Duration::from_secs(60);

/// How often other ports are tried, when somebody takes one in the moment between.
const ATTEMPTS: u32 = 3;

/// An etcd that runs. Killed when dropped.
#[derive(Debug)]
pub struct Etcd {
    binary: Binary,
    member: Member,
    data_dir: PathBuf,
    flags: Vec<String>,
    ports: Ports,
    process: Child,
    gateway: Gateway,
    /// Its log; and its directory, when nobody else keeps it.
    room: TempDir,
}

/// A member, and its data directory.
type Placed = (Member, PathBuf);

impl Etcd {
    /// A new one, with nothing in it.
    pub fn fresh(binary: &Binary) -> Result<Self> {
        let room = tempfile::tempdir()?;
        let data_dir = room.path().join("data");
        Self::started(binary, &Member::alone()?, &data_dir, &[], room)?.healthy()
    }

    /// One with flags of its own, on a directory that may be there. Returns when it serves, which
    /// with an alarm is not to be healthy.
    pub fn serving(
        binary: &Binary,
        member: &Member,
        data_dir: &Path,
        flags: &[String],
    ) -> Result<Self> {
        Self::started(binary, member, data_dir, flags, tempfile::tempdir()?)?
            .ready(Self::becomes_serving)
    }

    /// One with flags of its own, which nobody waits for: a learner answers no read that all members agree on.
    pub fn starting(
        binary: &Binary,
        member: &Member,
        data_dir: &Path,
        flags: &[String],
    ) -> Result<Self> {
        Self::started(binary, member, data_dir, flags, tempfile::tempdir()?)
    }

    /// All members of a cluster, with flags of their own; returns when all serve.
    pub fn serving_cluster(
        binary: &Binary,
        members: &[(Member, PathBuf)],
        flags: &[String],
    ) -> Result<Vec<Self>> {
        let mut started = Vec::new();
        for (member, data_dir) in members {
            let room = tempfile::tempdir()?;
            started.push(Self::started(binary, member, data_dir, flags, room)?);
        }
        let ready = |etcd: Self| etcd.ready(Self::becomes_serving);
        started.into_iter().map(ready).collect()
    }

    /// Three members `m0`, `m1` and `m2` that serve, each with its directory below `room`. Where another process takes one of
    /// their ports in between, others are tried.
    pub fn three(
        binary: &Binary,
        room: &Path,
        flags: &[String],
    ) -> Result<(Vec<Self>, Vec<Placed>)> {
        let start = |attempt: u32| {
            let place = |member: Member| {
                let dir = room.join(format!("{attempt}-{}", member.name()));
                (member, dir)
            };
            let members = Member::cluster(["m0", "m1", "m2"])?;
            let members: Vec<_> = members.map(place).into();
            let etcds = Self::serving_cluster(binary, &members, flags)?;
            Ok((etcds, members))
        };
        start(0).or_else(|_| start(1)).or_else(|_| start(2))
    }

    /// Any RPC of the gateway, asked by whoever holds `token`.
    pub fn ask(&self, rpc: &str, request: &Value, token: Option<&str>) -> Result<Value> {
        self.gateway.call_with_token(rpc, request, token)
    }

    /// One on a directory that is there. Returns when it is healthy and surely this one.
    pub fn on(binary: &Binary, member: &Member, data_dir: &Path) -> Result<Self> {
        Self::started(binary, member, data_dir, &[], tempfile::tempdir()?)?.healthy()
    }

    /// All members of a cluster, each on its directory. None is healthy before most run.
    pub fn cluster(binary: &Binary, members: &[(Member, PathBuf)]) -> Result<Vec<Self>> {
        let mut started = Vec::new();
        for (member, data_dir) in members {
            started.push(Self::started(
                binary,
                member,
                data_dir,
                &[],
                tempfile::tempdir()?,
            )?);
        }
        started.into_iter().map(Self::healthy).collect()
    }

    /// Killed without warning, and started again on the same directory.
    pub fn restart(mut self) -> Result<Self> {
        self.kill();
        self.begin_again(Ports::free(&self.flags)?)?;
        self.healthy()
    }

    /// Killed without warning, and started again where its clients know it. Returns when it serves.
    pub fn restart_in_place(&mut self) -> Result<()> {
        self.kill();
        self.begin_again(self.ports)?;
        self.becomes_serving()
    }

    /// Where clients find it.
    pub fn client_url(&self) -> &str {
        self.gateway.url()
    }

    /// Where they find it by TLS, if its flags name a certificate.
    pub fn secured_url(&self) -> Option<String> {
        self.ports.secured_url()
    }

    /// Killed without warning, while others talk to it.
    pub fn kill_now(&self) -> Result<()> {
        let pid = self.process.id().to_string();
        let killed = Command::new("kill").args(["-9", &pid]).status()?;
        ensure!(killed.success(), "cannot kill etcd ({pid})");
        Ok(())
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Killed without warning.
    pub fn kill(&mut self) {
        // Both fail only for a process that has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Who it is.
    pub fn member(&self) -> &Member {
        &self.member
    }

    /// Its data directory.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    pub(super) fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    fn started(
        binary: &Binary,
        member: &Member,
        data_dir: &Path,
        flags: &[String],
        room: TempDir,
    ) -> Result<Self> {
        let ports = Ports::free(flags)?;
        let process = spawn(binary, member, data_dir, flags, (ports, &room))?;
        Ok(Self {
            binary: binary.clone(),
            member: member.clone(),
            data_dir: data_dir.to_owned(),
            flags: flags.to_vec(),
            ports,
            process,
            gateway: Gateway::new(ports.clear),
            room,
        })
    }

    fn healthy(self) -> Result<Self> {
        self.ready(Self::becomes_healthy)
    }

    fn ready(mut self, becomes: fn(&mut Self) -> Result<()>) -> Result<Self> {
        for _ in 1..ATTEMPTS {
            match becomes(&mut self) {
                Err(_) if self.log().contains("address already in use") => {}
                done => return done.map(|()| self),
            }
            self.begin_again(Ports::free(&self.flags)?)?;
        }
        becomes(&mut self).map(|()| self)
    }

    fn becomes_healthy(&mut self) -> Result<()> {
        #[derive(Deserialize)]
        struct Health {
            health: String,
        }
        let what = format!("etcd {} becomes healthy", self.binary.version());
        let (process, gateway) = (&mut self.process, &self.gateway);
        let waited = wait::until(&what, HEALTHY, || {
            if let Some(status) = process.try_wait()? {
                bail!("it ended ({status})");
            }
            let health = gateway.get::<Health>("/health");
            Ok(health
                .ok()
                .filter(|answer| answer.health == "true")
                .map(drop))
        });
        waited.map_err(|error| anyhow!("{what}: {error:#}\n{}", self.last_words()))?;
        // Whatever listens there may be another's.
        let (ours, theirs) = (self.member.ids()?, self.ids()?);
        ensure!(
            ours == theirs,
            "another etcd answers on {}: (cluster, member) {theirs:x?}, not {ours:x?}",
            self.gateway.url()
        );
        Ok(())
    }

    /// Waits for the answer to a read that all members agree on. With users checked it is that
    /// nobody may read without a name.
    fn becomes_serving(&mut self) -> Result<()> {
        let what = format!("etcd {} serves", self.binary.version());
        let read = serde_json::json!({"key": "AA=="});
        let (process, gateway) = (&mut self.process, &self.gateway);
        let waited = wait::until(&what, HEALTHY, || {
            if let Some(status) = process.try_wait()? {
                bail!("it ended ({status})");
            }
            Ok(match gateway.call_with_token("kv/range", &read, None) {
                Ok(_) => Some(()),
                Err(error) => error
                    .downcast_ref::<Refused>()
                    .filter(|refused| refused.message.contains("user name"))
                    .map(drop),
            })
        });
        waited.map_err(|error| anyhow!("{what}: {error:#}\n{}", self.last_words()))
    }

    fn begin_again(&mut self, ports: Ports) -> Result<()> {
        let room = (ports, &self.room);
        let (binary, member) = (&self.binary, &self.member);
        self.process = spawn(binary, member, &self.data_dir, &self.flags, room)?;
        self.gateway = Gateway::new(ports.clear);
        self.ports = ports;
        Ok(())
    }

    fn log(&self) -> String {
        fs::read_to_string(self.room.path().join("log")).unwrap_or_default()
    }

    /// The end of its log.
    fn last_words(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

impl Drop for Etcd {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Where it listens.
#[derive(Debug, Clone, Copy)]
struct Ports {
    clear: u16,
    /// By TLS, too, when a certificate is named.
    secured: Option<u16>,
}

impl Ports {
    /// Such that nobody has now.
    fn free(flags: &[String]) -> Result<Self> {
        let named = flags.iter().any(|flag| flag == "--cert-file");
        let secured = named.then(port::free).transpose()?;
        let clear = port::free()?;
        Ok(Self { clear, secured })
    }

    fn secured_url(self) -> Option<String> {
        Some(format!("https://127.0.0.1:{}", self.secured?))
    }

    fn urls(self) -> String {
        let clear = format!("http://127.0.0.1:{}", self.clear);
        let urls = [Some(clear), self.secured_url()];
        urls.into_iter().flatten().collect::<Vec<_>>().join(",")
    }
}

/// Starts the process.
fn spawn(
    binary: &Binary,
    member: &Member,
    data_dir: &Path,
    flags: &[String],
    (ports, room): (Ports, &TempDir),
) -> Result<Child> {
    let urls = ports.urls();
    let log = File::create(room.path().join("log"))?;
    Command::new(binary.path())
        .arg("--data-dir")
        .arg(data_dir)
        .args(member.flags())
        .args(["--listen-peer-urls", member.peer_url()])
        .args(["--listen-client-urls", &urls])
        .args(["--advertise-client-urls", &urls])
        .args(member.pace())
        .args(["--log-level", "info", "--logger", "zap"])
        .args(flags)
        // etcd checks its own invariants after a restore: consistent index and log agree.
        .env("ETCD_VERIFY", "all")
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("start {}", binary.path().display()))
}
