use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use reqwest::{Client, Method};
use serde_json::Value;
use tempfile::TempDir;

use crate::etcd::Etcd;
use crate::oracles;
use crate::port;
use crate::proxy::{Authority, Identity};
use crate::wait;

/// On a busy machine; alone it takes four seconds.
const READY: Duration = Duration::from_secs(120);

/// Whoever has it may do anything.
const ADMIN: &str = "token-of-the-admin";

/// An API server that runs, and its etcd. Killed when dropped.
#[derive(Debug)]
pub struct ApiServer {
    etcd: Etcd,
    port: u16,
    process: Child,
    http: Client,
    room: TempDir,
    /// In PEM, who has signed its certificate.
    ca: String,
}

impl ApiServer {
    /// A new one, on a new etcd of this version.
    pub async fn start(etcd: &str) -> Result<Self> {
        Self::on(Etcd::fresh(&oracles::etcd(etcd)?)?).await
    }

    /// One on an etcd that may hold the objects of another.
    pub async fn on(etcd: Etcd) -> Result<Self> {
        let room = tempfile::tempdir()?;
        let accounts = Identity::by_itself(&["accounts"])?;
        fs::write(room.path().join("accounts.key"), accounts.key_pem())?;
        fs::write(room.path().join("accounts.crt"), accounts.pem())?;
        let admins = format!("{ADMIN},admin,admin,system:masters\n");
        fs::write(room.path().join("tokens.csv"), admins)?;
        let (port, ca) = (port::free()?, new_certificate(room.path())?);
        let http = Client::builder()
            // It is the one that was just started.
            .tls_danger_accept_invalid_certs(true)
            .no_proxy()
            .build()?;
        let server = Self {
            process: spawn(room.path(), etcd.client_url(), port)?,
            etcd,
            port,
            http,
            room,
            ca,
        };
        server.ready().await
    }

    /// Killed, and started again with a certificate of another CA.
    pub async fn restart_with_another_ca(mut self) -> Result<Self> {
        self.kill();
        self.ca = new_certificate(self.room.path())?;
        self.process = spawn(self.room.path(), self.etcd.client_url(), self.port)?;
        self.ready().await
    }

    /// What it keeps its objects in.
    pub fn etcd(&self) -> &Etcd {
        &self.etcd
    }

    /// Where it listens, on the loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// In PEM, who has signed its certificate.
    pub fn ca(&self) -> &str {
        &self.ca
    }

    /// Asks as somebody who may do anything: status and document.
    pub async fn ask(&self, method: Method, path: &str, body: Value) -> Result<(u16, Value)> {
        self.ask_as(ADMIN, method, path, body).await
    }

    /// Asks as the one to whom this token was given.
    pub async fn ask_as(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Value,
    ) -> Result<(u16, Value)> {
        let url = format!("https://127.0.0.1:{}{path}", self.port);
        let kind = match method {
            Method::PATCH => "application/merge-patch+json",
            _ => "application/json",
        };
        let mut asked = self.http.request(method, &url).bearer_auth(token);
        if !body.is_null() {
            asked = asked.header("content-type", kind).body(body.to_string());
        }
        let answer = asked.send().await.with_context(|| url.clone())?;
        let status = answer.status().as_u16();
        let text = answer.text().await?;
        Ok((
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        ))
    }

    /// Has it make an object.
    pub async fn make(&self, path: &str, object: Value) -> Result<Value> {
        let (status, made) = self.ask(Method::POST, path, object).await?;
        ensure!(status == 201, "{path}: {status} {made}");
        Ok(made)
    }

    /// Has it make an object that is written in YAML.
    pub async fn make_from_yaml(&self, path: &str, object: String) -> Result<()> {
        let url = format!("https://127.0.0.1:{}{path}", self.port);
        let asked = self.http.post(&url).bearer_auth(ADMIN);
        let asked = asked.header("content-type", "application/yaml");
        let answer = asked.body(object).send().await.with_context(|| url)?;
        let status = answer.status().as_u16();
        ensure!(status == 201, "{path}: {status} {}", answer.text().await?);
        Ok(())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "another process keeps its own time"
    )]
    async fn ready(mut self) -> Result<Self> {
        let begun = Instant::now();
        loop {
            if let Some(ended) = self.process.try_wait()? {
                let log = fs::read_to_string(self.room.path().join("log"))?;
                let last: Vec<_> = log.lines().rev().take(12).collect();
                bail!("kube-apiserver has ended ({ended}): {last:#?}");
            }
            // Its namespaces are there: it is this one, on this etcd.
            let asked = self.ask(Method::GET, "/readyz", Value::Null).await;
            if let Ok((200, _)) = asked {
                return Ok(self);
            }
            ensure!(
                begun.elapsed() < READY,
                "kube-apiserver: not ready: {asked:?}"
            );
            wait::pass(Duration::from_millis(50));
        }
    }

    fn kill(&mut self) {
        // One that has ended already is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for ApiServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A certificate of a new CA, which is returned.
fn new_certificate(room: &Path) -> Result<String> {
    let authority = Authority::new()?;
    let identity = authority.identity(&["127.0.0.1"])?;
    fs::write(room.join("tls.crt"), identity.pem())?;
    fs::write(room.join("tls.key"), identity.key_pem())?;
    Ok(authority.pem())
}

fn spawn(room: &Path, etcd: &str, port: u16) -> Result<Child> {
    let binary = oracles::kube_apiserver()?;
    let at = |file: &str| room.join(file).display().to_string();
    let log = fs::File::create(room.join("log"))?;
    let server = Command::new(binary.path())
        .args([
            format!("--etcd-servers={etcd}"),
            "--bind-address=127.0.0.1".to_owned(),
            "--advertise-address=127.0.0.1".to_owned(),
            "--endpoint-reconciler-type=none".to_owned(),
            format!("--secure-port={port}"),
            format!("--tls-cert-file={}", at("tls.crt")),
            format!("--tls-private-key-file={}", at("tls.key")),
            format!("--token-auth-file={}", at("tokens.csv")),
            "--authorization-mode=RBAC".to_owned(),
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            format!("--service-account-key-file={}", at("accounts.crt")),
            format!("--service-account-signing-key-file={}", at("accounts.key")),
            "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
            "--disable-admission-plugins=ServiceAccount".to_owned(),
            format!("--cert-dir={}", at("certificates")),
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn();
    server.with_context(|| format!("start {}", binary.path().display()))
}
