use std::fmt;

use crate::{Error, ErrorKind, Result};

/// An address that an operator gives in the place of a provider's own: scheme, host, port and
/// perhaps a path. Not checked before it is used, since whoever parses flags would show it then.
///
/// The command lines of a machine's processes can be seen by everybody on it, so what holds a
/// secret, a user's name and password or the signature in a query, is refused; it belongs into the
/// credentials. `Debug` shows no more than where it leads.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointUrl(String);

impl EndpointUrl {
    /// The address, without white space at its ends.
    ///
    /// Errors: `Config` for one that may hold a secret; it is not repeated.
    pub fn text(&self) -> Result<&str> {
        let text = self.0.trim();
        if is_plain(text) {
            return Ok(text);
        }
        let message = "the endpoint of the store holds a user, a query or a fragment, which may be \
                       secret; leave no more than scheme, host, port and path in it, and put keys \
                       and tokens into the credentials (for ABS a SAS into sasToken)";
        Err(Error::new(ErrorKind::Config, "open", message))
    }
}

impl EndpointUrl {
    /// The address, with its scheme: `http://` or `https://`.
    ///
    /// Errors: `Config` with what was probably meant; as [`EndpointUrl::text`].
    pub fn address(&self) -> Result<&str> {
        let text = self.text()?;
        let message = match text.split_once("://") {
            Some(("http" | "https", host)) if !host.is_empty() => return Ok(text),
            Some((scheme, _)) => format!(
                "the endpoint of the store begins with {scheme:?}; it is the address of a server, such \
                 as https://host:port"
            ),
            None => format!(
                "the endpoint of the store has no scheme; write https://{self:?}, or http://{self:?} \
                 for a server without TLS"
            ),
        };
        Err(Error::new(ErrorKind::Config, "open", message))
    }
}

/// No sign that something stands before the host or after the path; wherever a lenient parser
/// would find it.
fn is_plain(text: &str) -> bool {
    !text.contains(['@', '?', '#'])
}

impl From<String> for EndpointUrl {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for EndpointUrl {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.trim();
        if !is_plain(text) {
            return f.write_str("(an address that may hold a secret)");
        }
        let host = text.find("://").map_or(0, |colon| colon + 3);
        let path = text[host..].find(['/', '\\']);
        f.write_str(&text[..path.map_or(text.len(), |path| host + path)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `https://user:HUSH@host/x?sig=HUSH2` came back in the errors of three providers, and in the
    /// `Debug` of the configuration for all.
    #[test]
    fn what_may_be_secret_is_refused_and_not_repeated() {
        for given in [
            "https://user:HUSH@host/x?sig=HUSH2",
            "https://HUSH@host",
            "user:HUSH@host",
            "https:/user:HUSH@host",
            "https://host/?sig=HUSH",
            "host#HUSH",
        ] {
            let url = EndpointUrl::from(given);
            let error = url.text().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{given}");
            let shown = format!("{url:?} {error} {error:?}");
            assert!(!shown.contains("HUSH"), "{shown}");
        }
    }

    #[test]
    fn an_address_is_taken_as_it_stands_and_its_host_is_shown() {
        for (given, text, shown) in [
            (
                " https://host:1/a/b\n",
                "https://host:1/a/b",
                "https://host:1",
            ),
            (
                "http://[::1]:9000",
                "http://[::1]:9000",
                "http://[::1]:9000",
            ),
            ("host/path", "host/path", "host"),
        ] {
            let url = EndpointUrl::from(given);
            assert_eq!(url.text().unwrap(), text);
            assert_eq!(format!("{url:?}"), shown);
        }
    }

    /// `localhost:9000` was a scheme `localhost` for one provider and https for another, whose server
    /// spoke no TLS; neither said so.
    #[test]
    fn what_has_no_scheme_is_refused_with_what_was_meant() {
        for (given, told) in [
            ("localhost:9000", "http://localhost:9000"),
            ("minio.example/x", "https://minio.example"),
            ("s3://bucket", "\"s3\""),
            ("https://", "https://host:port"),
            ("HTTP//host", "no scheme"),
        ] {
            let url = EndpointUrl::from(given);
            let error = url.address().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{given}");
            assert!(error.message().contains(told), "{error}");
        }
        for fine in ["http://localhost:9000", "https://host/path"] {
            assert_eq!(EndpointUrl::from(fine).address().unwrap(), fine);
        }
    }
}
