use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use testkit::oracles;

use super::pace::{PARALLEL, PART};
use super::peer::{BUCKET, Other, Peer};
use super::served::Served;
use crate::bench::{built, measure};

/// What is run, each as a process of its own.
pub(in crate::bench) struct Programs {
    transfer: PathBuf,
    plain: PathBuf,
    proxy: PathBuf,
    oss: PathBuf,
    rclone: PathBuf,
}

/// Up or down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Up,
    Down,
}

impl Way {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

impl Programs {
    pub(in crate::bench) fn build() -> Result<Self> {
        Ok(Self {
            transfer: example("conformance-tests", "transfer")?,
            plain: example("conformance-tests", "oss_plain")?,
            proxy: example("testkit", "proxy")?,
            oss: example("testkit", "oss")?,
            rclone: oracles::rclone()?.path().to_owned(),
        })
    }

    /// Our side: `file` to `key`, or back.
    pub(super) fn ours(&self, peer: &Peer, way: Way, key: &str, file: &Path) -> Command {
        let mut transfer = alone(&self.transfer);
        transfer
            .args([way.word(), peer.provider, BUCKET, key])
            .arg(file)
            .args([PART.to_string(), PARALLEL.to_string()])
            .args(&peer.endpoint)
            .envs(peer.credentials.iter().map(|(name, dir)| (name, dir)));
        transfer
    }

    /// The other side.
    pub(super) fn others(&self, peer: &Peer, way: Way, key: &str, file: &Path) -> Command {
        match &peer.other {
            Other::Plain { url } => {
                let mut plain = alone(&self.plain);
                plain.args([way.word(), url, BUCKET, key]).arg(file);
                plain
            }
            Other::Rclone { .. } => {
                let mut rclone = self.rclone(peer);
                match way {
                    Way::Up => rclone.arg("copyto").arg(file).arg(remote(key)),
                    // To its standard output: it writes into no file that is there.
                    Way::Down => rclone.args(["cat", &remote(key)]),
                };
                rclone
            }
        }
    }

    /// rclone with this store as `peer:`.
    pub(in crate::bench) fn rclone(&self, peer: &Peer) -> Command {
        rclone(&self.rclone, peer)
    }

    /// The bucket of a peer that begins without one.
    pub(in crate::bench) fn make_bucket(&self, peer: &Peer) -> Result<()> {
        make_bucket(&self.rclone, peer)
    }

    /// A proxy before `upstream`, which delays every request by so many milliseconds, and lets so many bytes of each body
    /// pass a second.
    pub(in crate::bench) fn proxy(
        &self,
        upstream: &str,
        latency: u64,
        rate: Option<u64>,
    ) -> Result<Served> {
        let mut proxy = Command::new(&self.proxy);
        proxy.args([upstream, &latency.to_string()]);
        proxy.args(rate.map(|rate| rate.to_string()));
        Served::start(&mut proxy)
    }

    /// Our emulator of OSS.
    pub(super) fn oss(&self) -> Result<Served> {
        Served::start(Command::new(&self.oss).args(["127.0.0.1:0", BUCKET]))
    }
}

/// `program`, which is rclone, with this store as `peer:`. It compares no sums after a copy, and reads in one stream, as we
/// do.
pub(in crate::bench) fn rclone(program: &Path, peer: &Peer) -> Command {
    let mut rclone = alone(program);
    if let Other::Rclone { config, flags } = &peer.other {
        let variable = |name: &str| format!("RCLONE_CONFIG_PEER_{name}");
        rclone
            .env("RCLONE_CONFIG", "/notfound")
            .envs(config.iter().map(|(name, value)| (variable(name), value)))
            .args(COMMON)
            .args(flags);
    }
    rclone
}

/// The bucket of a peer that begins without one, by rclone, which `program` is.
pub(in crate::bench) fn make_bucket(program: &Path, peer: &Peer) -> Result<()> {
    if let Other::Rclone { .. } = peer.other {
        let mut mkdir = rclone(program, peer);
        measure::process(mkdir.args(["mkdir", &format!("peer:{BUCKET}")]))?;
    }
    Ok(())
}

/// What rclone is told for every store.
pub(super) const COMMON: [&str; 4] = [
    "--quiet",
    "--ignore-checksum",
    "--no-check-dest",
    "--multi-thread-streams=0",
];

/// Without the variables of whoever measures: both sides know many (`AWS_CA_BUNDLE`, `HTTP_PROXY`),
/// and rclone ends at some of them.
pub(in crate::bench) fn alone(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    command
}

/// A key as rclone names it.
pub(in crate::bench) fn remote(key: &str) -> String {
    format!("peer:{BUCKET}/{key}")
}

/// The program `name` among the examples of `package`; those of the testkit are servers.
fn example(package: &str, name: &str) -> Result<PathBuf> {
    let mut arguments = vec!["--package", package, "--example", name];
    if package == "testkit" {
        arguments.push("--features=servers");
    }
    built::program(&arguments)
}
