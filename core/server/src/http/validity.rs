//! Whether a certificate is of its time, for whoever verifies it: a server shows one that has expired without a word, and
//! nobody reaches it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rustls::CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

/// Why nobody who verifies `leaf` takes it now, as far as its dates go: one part of a sentence.
pub(super) fn fault(leaf: &CertificateDer<'static>, now: Timestamp) -> Option<String> {
    // Dates are compared before the chain and the name: who has signed it does not matter, nor which name is asked for.
    let mut roots = RootCertStore::empty();
    roots.add(leaf.clone()).ok()?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let name = ServerName::try_from("localhost").ok()?;
    let now = UnixTime::since_unix_epoch(Duration::try_from(now.as_duration()).ok()?);
    let verified = verifier
        .build()
        .ok()?
        .verify_server_cert(leaf, &[], &name, &[], now);
    let Err(rustls::Error::InvalidCertificate(fault)) = verified else {
        return None;
    };
    match fault {
        Expired => Some("has expired".to_owned()),
        ExpiredContext { not_after, .. } => Some(format!("has expired at {}", shown(not_after))),
        NotValidYet => Some("is not valid yet".to_owned()),
        NotValidYetContext { not_before, .. } => {
            Some(format!("is not valid before {}", shown(not_before)))
        }
        _ => None,
    }
}

fn shown(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).ok();
    let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.map_or_else(|| "a time that is none".to_owned(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    #[test]
    fn dates_are_told_and_nothing_else() {
        let mut params = CertificateParams::new(["another".to_owned()]).unwrap();
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2027, 1, 1);
        let key = KeyPair::generate().unwrap();
        let leaf = params.self_signed(&key).unwrap().der().clone();
        let at = |time: &str| fault(&leaf, time.parse().unwrap());
        assert_eq!(at("2026-06-01T00:00:00Z"), None);
        assert_eq!(
            at("2027-06-01T00:00:00Z").as_deref(),
            Some("has expired at 2027-01-01T00:00:00Z")
        );
        assert_eq!(
            at("2025-06-01T00:00:00Z").as_deref(),
            Some("is not valid before 2026-01-01T00:00:00Z")
        );
    }
}
