//! What is wrong with a certificate, found in the error of a connection.

use std::error::Error as StdError;

use rustls::{AlertDescription, CertificateError};
use snapstore::printable;
use trust::{causes, is_ca_as_leaf, of_tls};

use crate::tls_fault::TlsFault;

/// What TLS refused on the way to `error`, if it did, and in which words.
pub(crate) fn refused(error: &(dyn StdError + 'static)) -> Option<(TlsFault, String)> {
    let refused = causes(error).find_map(of_tls)?;
    let (fault, words) = (fault(refused), printable(&refused.to_string()));
    let words = match fault {
        TlsFault::OursExpired => format!("our certificate has expired ({words})"),
        _ => words,
    };
    Some((fault, words))
}

/// The innermost cause in its own words.
pub(crate) fn words(error: &(dyn StdError + 'static)) -> String {
    let last = causes(error).last();
    printable(&last.map(ToString::to_string).unwrap_or_default())
}

fn fault(error: &rustls::Error) -> TlsFault {
    use CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet,
        NotValidYetContext, UnknownIssuer,
    };
    match error {
        rustls::Error::InvalidCertificate(fault) => match fault {
            Expired | ExpiredContext { .. } => TlsFault::Expired,
            NotValidYet | NotValidYetContext { .. } => TlsFault::NotYetValid,
            NotValidForName | NotValidForNameContext { .. } => TlsFault::OtherName,
            UnknownIssuer => TlsFault::UnknownIssuer,
            fault if is_ca_as_leaf(fault) => TlsFault::CaAsServer,
            _ => TlsFault::Other,
        },
        rustls::Error::AlertReceived(alert) => alerted(*alert),
        rustls::Error::InvalidMessage(_) => TlsFault::NotSpoken,
        rustls::Error::NoApplicationProtocol => TlsFault::NotHttp2,
        _ => TlsFault::Other,
    }
}

/// What the other side complains about.
fn alerted(alert: AlertDescription) -> TlsFault {
    use AlertDescription as Alert;
    match alert {
        Alert::NoCertificate
        | Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::CertificateRequired => TlsFault::Ours,
        // Of an etcd that an older Go has built it is only bad.
        Alert::CertificateExpired => TlsFault::OursExpired,
        Alert::NoApplicationProtocol => TlsFault::NotHttp2,
        _ => TlsFault::Other,
    }
}
