//! An etcd of the operator, started on a directory that is thrown away.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use async_trait::async_trait;
use client::{Config, Endpoint, Etcd, Scheme, Tls, Trust};
use engine::drill::{NotStarted, Running, Starter};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio_util::sync::CancellationToken;

/// How often it is started: another process may take its ports in the moment between.
const ATTEMPTS: usize = 3;

/// Bytes that its database may have: whatever was restored, it is read and not written.
const QUOTA: &str = "17179869184";

/// Lines of its log that an error ends with.
const LAST_WORDS: usize = 6;

/// How to start it, and how to ask it.
pub(crate) struct StockEtcd {
    pub(crate) program: PathBuf,
    /// Its log.
    pub(crate) log: PathBuf,
    /// As the live cluster is asked: what is restored has the same users.
    pub(crate) config: Config,
    pub(crate) cancel: CancellationToken,
}

#[async_trait]
impl Starter for StockEtcd {
    async fn start(&self, data_dir: &Path) -> Result<Box<dyn Running>, NotStarted> {
        let started = Started::spawn(self, data_dir).await;
        let started = started.map_err(|why| NotStarted {
            why: format!("cannot start {}: {why}", self.program.display()),
            hints: Vec::new(),
        })?;
        Ok(Box::new(started))
    }
}

struct Started {
    how: How,
    process: Child,
    etcd: Arc<dyn Etcd>,
    attempts: usize,
}

/// All that is needed to start it once more.
#[derive(Clone)]
struct How {
    program: PathBuf,
    log: PathBuf,
    data_dir: PathBuf,
    config: Config,
    cancel: CancellationToken,
}

impl Started {
    async fn spawn(of: &StockEtcd, data_dir: &Path) -> Result<Self, String> {
        let how = How {
            program: of.program.clone(),
            log: of.log.clone(),
            data_dir: data_dir.to_owned(),
            config: of.config.clone(),
            cancel: of.cancel.clone(),
        };
        let (process, etcd) = how.spawn().await?;
        Ok(Self {
            how,
            process,
            etcd,
            attempts: 1,
        })
    }

    fn log(&self) -> String {
        let log = fs::read(&self.how.log).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }
}

impl How {
    async fn spawn(&self) -> Result<(Child, Arc<dyn Etcd>), String> {
        let [clients, peers] = free_ports().map_err(|error| error.to_string())?;
        let clients = format!("http://127.0.0.1:{clients}");
        let log = File::create(&self.log)
            .and_then(|log| Ok((log.try_clone()?, log)))
            .map_err(|error| format!("its log {}: {error}", self.log.display()))?;
        // A variable of this process would be a flag of etcd (ETCD_DATA_DIR).
        let mut command = Command::new(&self.program);
        command.env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        // A script that starts it is stopped with it.
        let process = command
            .process_group(0)
            .arg("--data-dir")
            .arg(&self.data_dir)
            .args(["--name", "drill", "--quota-backend-bytes", QUOTA])
            .args(["--listen-client-urls", &clients])
            .args(["--advertise-client-urls", &clients])
            .args(["--listen-peer-urls", &format!("http://127.0.0.1:{peers}")])
            .stdin(Stdio::null())
            .stdout(log.0)
            .stderr(log.1)
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut process = Killed(Some(process));
        let endpoint = Endpoint::parse(&clients, Scheme::Clear).map_err(|why| why.to_string())?;
        let config = Config {
            endpoints: vec![endpoint],
            tls: Tls {
                trust: Trust::Machine,
                identity: None,
            },
            ..self.config.clone()
        };
        let etcd = crate::etcd::connect(&self.cancel, config).await;
        let etcd = etcd.map_err(|error| error.to_string())?;
        match process.0.take() {
            Some(process) => Ok((process, etcd)),
            None => Err("it has ended".to_owned()),
        }
    }
}

/// Stopped, unless it is taken out before.
struct Killed(Option<Child>);

impl Drop for Killed {
    fn drop(&mut self) {
        if let Some(process) = &mut self.0 {
            stop(process);
        }
    }
}

/// What it holds is thrown away: it need not end by itself. Both fail only for a process that has ended already.
fn stop(process: &mut Child) {
    let _ = kill_process_group(Pid::from_child(process), Signal::KILL);
    let _ = process.wait();
}

/// Two that nobody listens on now.
fn free_ports() -> std::io::Result<[u16; 2]> {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let (one, other) = (listen()?, listen()?);
    Ok([one.local_addr()?.port(), other.local_addr()?.port()])
}

#[async_trait]
impl Running for Started {
    fn etcd(&self) -> Arc<dyn Etcd> {
        self.etcd.clone()
    }

    async fn ended(&mut self) -> Option<String> {
        let status = match self.process.try_wait() {
            Ok(None) => return None,
            Ok(Some(status)) => status,
            Err(error) => return Some(error.to_string()),
        };
        let log = self.log();
        if log.contains("address already in use") && self.attempts < ATTEMPTS {
            self.attempts += 1;
            return match self.how.spawn().await {
                Ok((process, etcd)) => {
                    (self.process, self.etcd) = (process, etcd);
                    None
                }
                Err(why) => Some(why),
            };
        }
        let lines: Vec<&str> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(LAST_WORDS)..].join(" | ");
        Some(format!("it ended ({status}); its last words: {last}"))
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        stop(&mut self.process);
    }
}
