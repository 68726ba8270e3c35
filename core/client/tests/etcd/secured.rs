//! TLS: whom we trust, and who trusts us.

use std::fs;
use std::path::{Path, PathBuf};

use client::{
    Client, Config, Endpoint, ErrorKind, Etcd as _, Header, Identity, Read, Retries, Scheme, Tls,
    TlsFault, Trust,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use testkit::etcd::Etcd;

use crate::auth::enable;
use crate::reach::{config, once, retries, run, with_flags};

type Ca = CertifiedIssuer<'static, KeyPair>;

/// Certificates in files.
struct Files {
    room: tempfile::TempDir,
    ca: Ca,
}

fn authority(name: &str) -> Ca {
    let mut params = CertificateParams::new([]).unwrap();
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

impl Files {
    fn new() -> Self {
        let room = tempfile::tempdir().unwrap();
        let ca = authority("ca");
        let files = Self { room, ca };
        fs::write(files.path("ca.pem"), files.ca.pem()).unwrap();
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.room.path().join(name)
    }

    /// A certificate of `name` for `host`, signed by `ca`.
    fn signed(&self, name: &str, host: &str, ca: &Ca) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        let certificate = params.signed_by(&key, ca).unwrap();
        self.write(name, &certificate.pem(), &key);
    }

    fn write(&self, name: &str, certificate: &str, key: &KeyPair) {
        fs::write(self.path(&format!("{name}.pem")), certificate).unwrap();
        fs::write(self.path(&format!("{name}.key")), key.serialize_pem()).unwrap();
    }

    /// An etcd that shows `name`, and, with `asks`, takes only clients whom the CA has signed.
    fn etcd(&self, version: &str, name: &str, asks: &[&str]) -> (Etcd, tempfile::TempDir) {
        let file = |name: String| self.path(&name).display().to_string();
        let (cert, key) = (file(format!("{name}.pem")), file(format!("{name}.key")));
        let mut flags = vec!["--cert-file", &cert, "--key-file", &key];
        flags.extend(asks);
        with_flags(version, &flags)
    }
}

fn secured(etcd: &Etcd, trust: Trust, identity: Option<(&Files, &str)>) -> Config {
    let url = etcd.secured_url().unwrap();
    let identity = identity.map(|(files, name)| Identity {
        certificate: files.path(&format!("{name}.pem")),
        key: files.path(&format!("{name}.key")),
    });
    Config {
        endpoints: vec![Endpoint::parse(&url, Scheme::Clear).unwrap()],
        tls: Tls { trust, identity },
        ..config(&[])
    }
}

fn file(path: &Path) -> Trust {
    Trust::File(path.to_owned())
}

async fn asked(config: Config, retries: Retries) -> client::Result<i64> {
    let client = Client::new(config, retries).await?;
    Ok(client.head(Read::Agreed).await?.revision)
}

async fn refused(config: Config) -> TlsFault {
    let error = asked(config, once()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Tls, "{error} {error:?}");
    error.tls().unwrap()
}

fn a_server_is_trusted_by_its_ca_or_not_at_all(version: &str) {
    let files = Files::new();
    files.signed("server", "127.0.0.1", &files.ca);
    let other = authority("other");
    fs::write(files.path("other.pem"), other.pem()).unwrap();
    let (etcd, _data) = files.etcd(version, "server", &[]);
    run(async {
        let by = |trust| secured(&etcd, trust, None);
        let ca = file(&files.path("ca.pem"));
        assert_eq!(asked(by(ca.clone()), retries()).await.unwrap(), 1);
        assert_eq!(asked(by(Trust::Anybody), retries()).await.unwrap(), 1);
        let no_ca = [Trust::Machine, file(&files.path("other.pem"))];
        for trust in no_ca {
            assert_eq!(refused(by(trust)).await, TlsFault::UnknownIssuer);
        }
        // Large answers, too.
        crate::snapshot::fill(&etcd, 5, &[7; 1_000_000]);
        let client = Client::new(by(ca), retries()).await.unwrap();
        let mut stream = client.snapshot().await.unwrap();
        crate::snapshot::drained(&mut *stream).await;
        // Clear words to where TLS is spoken, and the other way round: it was said that the connection broke, that a message
        // is corrupt, and not what to write.
        let clear = etcd.secured_url().unwrap().replace("https", "http");
        let error = asked(config(&[&clear]), once()).await.unwrap_err();
        assert!(
            error.is_passing() || error.tls() == Some(TlsFault::Spoken),
            "{error}"
        );
        assert!(
            error
                .to_string()
                .contains("write https:// in place of http://"),
            "{error}"
        );
        let plain = with_flags(version, &[]);
        let mut secured = by(Trust::Anybody);
        let url = plain.0.client_url().replace("http", "https");
        secured.endpoints = vec![Endpoint::parse(&url, Scheme::Clear).unwrap()];
        let error = asked(secured, once()).await.unwrap_err();
        assert!(
            error
                .to_string()
                .contains("write http:// in place of https://"),
            "{error}"
        );
        let wrong = by(file(&files.path("server.key")));
        let error = asked(wrong, once()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    });
}

/// `openssl req -x509` makes a CA that shows itself as a server's certificate. Go takes it where it is named.
fn a_certificate_that_signed_itself_is_trusted_only_if_it_is_named(version: &str) {
    let files = Files::new();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap();
    files.write("itself", &certificate.pem(), &key);
    let (etcd, _data) = files.etcd(version, "itself", &[]);
    run(async {
        let by = |trust| secured(&etcd, trust, None);
        let named = file(&files.path("itself.pem"));
        assert_eq!(asked(by(named), retries()).await.unwrap(), 1);
        assert_eq!(asked(by(Trust::Anybody), retries()).await.unwrap(), 1);
        for trust in [Trust::Machine, file(&files.path("ca.pem"))] {
            let fault = refused(by(trust)).await;
            let expected = [TlsFault::CaAsServer, TlsFault::UnknownIssuer];
            assert!(expected.contains(&fault), "{fault:?}");
        }
    });
}

fn a_certificate_for_another_name_is_refused(version: &str) {
    let files = Files::new();
    files.signed("server", "etcd.invalid", &files.ca);
    let (etcd, _data) = files.etcd(version, "server", &[]);
    run(async {
        let by_ca = secured(&etcd, file(&files.path("ca.pem")), None);
        assert_eq!(refused(by_ca).await, TlsFault::OtherName);
        // Named itself, it is still for another name.
        let named = secured(&etcd, file(&files.path("server.pem")), None);
        assert_eq!(refused(named).await, TlsFault::OtherName);
        let anybody = secured(&etcd, Trust::Anybody, None);
        assert_eq!(asked(anybody, retries()).await.unwrap(), 1);
    });
}

/// What is said on a connection that is not about to end: for a moment after one was refused, questions are still given to it.
async fn answered(client: &Client) -> client::Result<Header> {
    loop {
        match client.head(Read::Local).await {
            Err(error) if error.kind() == ErrorKind::Unavailable => {}
            told => return told,
        }
    }
}

/// A client certificate names a user, is renewed in its file, and is read again by the next connection.
fn a_client_shows_its_certificate(version: &str) {
    let files = Files::new();
    files.signed("server", "127.0.0.1", &files.ca);
    files.signed("root", "client", &files.ca);
    let other = authority("other");
    files.signed("wrong", "client", &other);
    let ca = files.path("ca.pem").display().to_string();
    let asks = ["--client-cert-auth", "--trusted-ca-file", &ca];
    let (mut etcd, _data) = files.etcd(version, "server", &asks);
    run(async {
        let trust = file(&files.path("ca.pem"));
        let by = |etcd: &Etcd, name| secured(etcd, trust.clone(), Some((&files, name)));
        assert_eq!(asked(by(&etcd, "root"), retries()).await.unwrap(), 1);
        assert_eq!(refused(by(&etcd, "wrong")).await, TlsFault::Ours);
        let none = secured(&etcd, trust.clone(), None);
        assert_eq!(refused(none).await, TlsFault::Ours);

        // Its common name says who asks.
        enable(&etcd);
        let client = Client::new(by(&etcd, "root"), retries()).await.unwrap();
        let mut stream = client.snapshot().await.unwrap();
        crate::snapshot::drained(&mut *stream).await;

        // The file changes under a client that runs: the old certificate is used until the connection
        // ends, the new one from then on.
        let pair = |name: &str, to: &str| {
            for end in ["pem", "key"] {
                let [from, to] = [name, to].map(|name| files.path(&format!("{name}.{end}")));
                fs::copy(from, to).unwrap();
            }
        };
        pair("wrong", "renewed");
        let renewed = Client::new(by(&etcd, "renewed"), once()).await.unwrap();
        assert!(renewed.head(Read::Local).await.is_err());
        pair("root", "renewed");
        answered(&renewed).await.unwrap();
        pair("wrong", "renewed");
        renewed.head(Read::Local).await.unwrap();
        etcd.restart_in_place().unwrap();
        let told = answered(&renewed).await;
        assert_eq!(told.unwrap_err().tls(), Some(TlsFault::Ours));

        let gone = by(&etcd, "gone");
        let error = Client::new(gone, once()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(error.to_string().contains("gone.pem"), "{error}");
    });
}

testkit::on_every_etcd!(
    a_server_is_trusted_by_its_ca_or_not_at_all,
    a_certificate_that_signed_itself_is_trusted_only_if_it_is_named,
    a_certificate_for_another_name_is_refused,
    a_client_shows_its_certificate
);
