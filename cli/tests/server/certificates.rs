//! Pods whose etcd speaks TLS to its clients, and asks them for a certificate.

use std::fs;
use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use testkit::port;

use crate::pod::Pod;
use crate::support::Site;

/// Whether a certificate is of today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dates {
    Valid,
    Expired,
}

/// A CA, and what it has signed, in files.
pub(crate) struct Certificates {
    ca: CertifiedIssuer<'static, KeyPair>,
    room: PathBuf,
}

impl Certificates {
    /// A CA, a certificate for etcd and one for its clients.
    pub(crate) fn new(site: &Site) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let room = site.path().join("tls");
        fs::create_dir(&room).unwrap();
        fs::write(room.join("ca.pem"), ca.pem()).unwrap();
        let own = Self { ca, room };
        own.issue("etcd", Dates::Valid);
        own.issue("client", Dates::Valid);
        own
    }

    pub(crate) fn ca(&self) -> String {
        self.ca.pem()
    }

    /// Writes a certificate and its key, over those of this name.
    pub(crate) fn issue(&self, name: &str, dates: Dates) {
        let key = KeyPair::generate().unwrap();
        let names = (1..=5).map(|host| format!("127.0.0.{host}"));
        let mut params = CertificateParams::new(names.collect::<Vec<_>>()).unwrap();
        if dates == Dates::Expired {
            params.not_before = date_time_ymd(2019, 1, 1);
            params.not_after = date_time_ymd(2020, 1, 1);
        }
        let certificate = params.signed_by(&key, &self.ca).unwrap();
        fs::write(self.file(name, "pem"), certificate.pem()).unwrap();
        fs::write(self.file(name, "key"), key.serialize_pem()).unwrap();
    }

    fn file(&self, name: &str, kind: &str) -> PathBuf {
        self.room.join(format!("{name}.{kind}"))
    }

    pub(crate) fn path(&self, name: &str, kind: &str) -> String {
        self.file(name, kind).display().to_string()
    }

    /// From its next start on, etcd is reached over TLS by whoever has a certificate: by the sidecars, and by members. What tests ask of it
    /// goes over another port, in the clear.
    pub(crate) fn secure(&self, pods: &mut [Pod]) {
        let secured = port::free().unwrap();
        for pod in pods {
            let clear = pod.client_port();
            let (ip, at) = (&pod.place.ip, format!("https://{}:{secured}", pod.place.ip));
            let listens = format!("listen-client-urls: http://{ip}:{clear}\n");
            let both = format!("listen-client-urls: http://{ip}:{clear},{at}\n");
            pod.reconfigure(|config| {
                let config = config.replace(&listens, &both);
                let lines = config.lines().map(|line| advertised(line, clear, secured));
                [lines.collect::<String>(), self.security()].concat()
            });
            let endpoint = pod.endpoint();
            let arguments = pod.arguments.iter_mut();
            arguments
                .filter(|argument| **argument == endpoint)
                .for_each(|argument| argument.clone_from(&at));
            let flags = [
                ("--cacert", "ca", "pem"),
                ("--cert", "client", "pem"),
                ("--key", "client", "key"),
            ];
            for (flag, name, kind) in flags {
                pod.arguments
                    .extend([flag.to_owned(), self.path(name, kind)]);
            }
        }
    }

    /// As etcd's configuration has it.
    fn security(&self) -> String {
        format!(
            "client-transport-security:\n  cert-file: {}\n  key-file: {}\n  trusted-ca-file: {}\n  client-cert-auth: true\n",
            self.path("etcd", "pem"),
            self.path("etcd", "key"),
            self.path("ca", "pem")
        )
    }
}

/// A line of the configuration, where a URL of this port is one of TLS.
fn advertised(line: &str, clear: u16, secured: u16) -> String {
    let host = line
        .strip_prefix("  - http://")
        .and_then(|url| url.strip_suffix(&format!(":{clear}")));
    match host {
        Some(host) => format!("  - https://{host}:{secured}\n"),
        None => format!("{line}\n"),
    }
}
