use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Where the server is reached, by whom, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where it listens.
    pub listen: Listen,
    /// Its certificate and key; without them it speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Who may ask for `/initialization/*` and `/config`.
    pub initialization_from: Callers,
    /// Who may trigger snapshots.
    pub triggers: TriggerAccess,
    /// How a trigger reaches the sidecar that leads.
    pub delegation: Delegation,
    /// etcd's configuration as it is mounted (`etcd.conf.yaml`).
    pub etcd_config: PathBuf,
    /// The name of the pod, of which that of the member is made; `/config` is refused without it.
    pub pod_name: Option<String>,
    /// What the server does not wait for.
    pub limits: Limits,
    /// Until when the server has stopped after it was told to: whoever is not answered by then is cut off.
    pub stop_within: Duration,
    /// The version of the program, as `/status` tells it.
    pub version: String,
}

/// Where the server listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// On every address of the machine, of IPv6 and IPv4, or of IPv4 alone where there is no other.
    Port(u16),
    /// At this address alone.
    At(SocketAddr),
}

/// A certificate with its chain, and its private key, in PEM. Both are read again when their content changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those between it and the CA.
    pub certificate: PathBuf,
    /// The key.
    pub key: PathBuf,
}

/// From where requests are answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// From this machine, or pod: the loopback interface.
    Loopback,
    /// From anywhere.
    Anybody,
}

/// Who may trigger snapshots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriggerAccess {
    /// Everybody who reaches the port: etcd-druid and gardener cannot show who they are.
    Open,
    /// Who sends `Authorization: Bearer` with the content of this file, which is read at each request.
    Token(PathBuf),
    /// Who shows a certificate that a CA of this file (PEM) has signed. It needs TLS.
    ClientCa(PathBuf),
}

/// How a trigger reaches the sidecar that leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    /// The CA of the other sidecars' certificates (PEM), beside those that the machine trusts.
    pub ca: Option<PathBuf>,
    /// What is shown to a sidecar that asks who triggers a snapshot.
    pub identity: Option<TlsFiles>,
    /// On which port the other sidecars listen; `None`: on that of this one.
    pub port: Option<u16>,
    /// How long their answer may take; a full may run for long.
    pub deadline: Duration,
}

/// What the server does not wait for, and how much it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// How many of them only the machine itself can have: etcd-wrapper and the kubelet are answered when the rest is
    /// taken.
    pub kept_for_loopback: usize,
    /// Until when a TLS handshake is done, and until when the headers of a request have come; a connection without a
    /// request is closed after it.
    pub header_timeout: Duration,
    /// For how long a client may read nothing of its answer.
    pub write_timeout: Duration,
    /// Bytes of the headers of a request.
    pub header_bytes: usize,
    /// Bytes of the body of a request. No body is read.
    pub body_bytes: u64,
    /// For how long a trigger waits until it is known who leads.
    pub wait_for_leader: Duration,
    /// How young a full is that answers a trigger when nothing has changed since.
    pub young: Duration,
    /// How often files of certificates are looked at.
    pub poll_certificates: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            kept_for_loopback: 8,
            // As the reference: `ReadHeaderTimeout`.
            header_timeout: Duration::from_secs(5),
            write_timeout: Duration::from_secs(30),
            header_bytes: 16 * 1024,
            body_bytes: 1024,
            wait_for_leader: Duration::from_secs(15),
            young: Duration::from_secs(10),
            poll_certificates: Duration::from_secs(10),
        }
    }
}
