use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    date_time_ymd,
};
use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::aws_lc_rs;

use super::*;

const NAME: &str = "store.example";

/// What `openssl req -x509` makes: a certificate of a CA, which a server shows as its own.
fn by_openssl(about: impl FnOnce(&mut CertificateParams)) -> CertificateDer<'static> {
    let mut params = CertificateParams::new(vec![NAME.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    about(&mut params);
    let key = KeyPair::generate().unwrap();
    params.self_signed(&key).unwrap().der().clone()
}

/// A server's own certificate, signed by a CA.
fn of_unknown_ca() -> CertificateDer<'static> {
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
    let mut leaf = CertificateParams::new(vec![NAME.to_owned()]).unwrap();
    leaf.not_before = date_time_ymd(2026, 1, 1);
    leaf.not_after = date_time_ymd(2027, 1, 1);
    let signed = leaf.signed_by(&KeyPair::generate().unwrap(), &ca).unwrap();
    signed.der().clone()
}

/// Whether `shown` is let in on 2026-06-01 as `name`, where `named` are trusted.
fn judged(
    shown: &CertificateDer<'static>,
    named: &[CertificateDer<'static>],
    name: &str,
) -> Result<(), Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(named.to_vec());
    // A store without roots cannot be built.
    roots.add(by_openssl(|_| ())).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let by_chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
    let verifier = Named::or(by_chain.build().unwrap(), named.to_vec());
    let june = Duration::from_secs(1_780_272_000);
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let now = UnixTime::since_unix_epoch(june);
    let judged = verifier.verify_server_cert(shown, &[], &name, &[], now);
    judged.map(drop)
}

/// A MinIO with the certificate of a thousand how-tos was refused, though it was named as trusted: Go,
/// curl and boto take it.
#[test]
fn the_very_certificate_that_was_named_is_trusted() {
    for shown in [by_openssl(|_| ()), of_unknown_ca()] {
        let named = [by_openssl(|_| ()), shown.clone()];
        judged(&shown, &named, NAME).unwrap();
    }
}

#[test]
fn nobody_else_is() {
    for shown in [by_openssl(|_| ()), of_unknown_ca()] {
        // Of the same name, made the same way.
        let error = judged(&shown, &[by_openssl(|_| ())], NAME).unwrap_err();
        assert!(matches!(error, Error::InvalidCertificate(_)), "{error}");
    }
}

#[test]
fn its_name_must_be_the_one_that_is_asked_for() {
    for shown in [by_openssl(|_| ()), of_unknown_ca()] {
        let error = judged(&shown, std::slice::from_ref(&shown), "other.example").unwrap_err();
        let of_name = matches!(
            error,
            Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
            )
        );
        assert!(of_name, "{error}");
    }
}

#[test]
fn its_dates_must_hold() {
    let over = by_openssl(|params| params.not_after = date_time_ymd(2026, 5, 31));
    let error = judged(&over, std::slice::from_ref(&over), NAME).unwrap_err();
    let expired = matches!(
        error,
        Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. }
        )
    );
    assert!(expired, "{error}");
    let early = by_openssl(|params| params.not_before = date_time_ymd(2026, 6, 2));
    let error = judged(&early, std::slice::from_ref(&early), NAME).unwrap_err();
    let not_yet = matches!(
        error,
        Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }
        )
    );
    assert!(not_yet, "{error}");
}

/// One that says it is for something else than servers.
#[test]
fn it_must_be_for_a_server() {
    let mail = by_openssl(|params| {
        params.is_ca = IsCa::NoCa;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
    });
    judged(&mail, std::slice::from_ref(&mail), NAME).unwrap_err();
}
