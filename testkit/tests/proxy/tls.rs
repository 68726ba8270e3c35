//! A proxy with a certificate: who trusts its authority gets through, others do not.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use crate::upstream::Upstream;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use testkit::proxy::{Authority, Identity, Proxy};

/// What a client sees that trusts `authority`.
fn get(identity: &Identity, authority: &Authority) -> io::Result<String> {
    let upstream = Upstream::start();
    let proxy = Proxy::start_tls(&upstream.url, identity).unwrap();
    let mut roots = RootCertStore::empty();
    let pem = authority.pem();
    roots
        .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    let address = proxy.url().strip_prefix("https://").unwrap();
    let mut stream = StreamOwned::new(client, TcpStream::connect(address)?);
    stream.write_all(b"GET /x HTTP/1.1\r\nHost: h:1\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn who_trusts_the_authority_gets_through() {
    let authority = Authority::new().unwrap();
    let identity = authority.identity(&["127.0.0.1", "localhost"]).unwrap();
    let answer = get(&identity, &authority).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("GET /x"));
}

#[test]
fn who_does_not_or_looks_for_another_does_not() {
    let authority = Authority::new().unwrap();
    let other = Authority::new().unwrap();
    let identity = authority.identity(&["127.0.0.1"]).unwrap();
    let refused = get(&identity, &other).unwrap_err().to_string();
    assert!(refused.contains("invalid peer certificate"), "{refused}");
    let elsewhere = authority.identity(&["elsewhere.test"]).unwrap();
    let refused = get(&elsewhere, &authority).unwrap_err().to_string();
    assert!(refused.contains("not valid for name"), "{refused}");
}
