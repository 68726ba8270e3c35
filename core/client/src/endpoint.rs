use std::fmt;

use http::Uri;
use http::uri::Authority;
use snapstore::printable;

/// Whether a connection is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// Nothing is secured: `http`.
    Clear,
    /// TLS: `https`.
    Tls,
}

/// Where a member takes requests: `http://host:port` or `https://host:port`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint {
    scheme: Scheme,
    authority: Authority,
}

/// A text that is no endpoint. Safe to print, and without the password that may stand in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{shown} is no endpoint: {why}")]
pub struct NoEndpoint {
    shown: String,
    why: &'static str,
}

/// etcd's port for clients, where none is said.
const PORT: u16 = 2379;

impl Endpoint {
    /// Reads `text`; without a scheme it is `otherwise`, as in etcd's own client.
    ///
    /// Errors: for another scheme, a path, or a user in it.
    pub fn parse(text: &str, otherwise: Scheme) -> Result<Self, NoEndpoint> {
        let wrong = |why| {
            let shown = match text.contains('@') {
                true => "a text with a user in it".to_owned(),
                false => format!("\"{}\"", printable(text)),
            };
            NoEndpoint { shown, why }
        };
        let (scheme, rest) = match text.split_once("://") {
            None => (otherwise, text),
            Some(("http", rest)) => (Scheme::Clear, rest),
            Some(("https", rest)) => (Scheme::Tls, rest),
            Some(_) => return Err(wrong("it must begin with http:// or https://")),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains('@') {
            return Err(wrong("users and passwords do not belong into it"));
        }
        if rest.contains('/') {
            return Err(wrong("etcd has no paths"));
        }
        let authority: Authority = rest.parse().map_err(|_| wrong("host:port is expected"))?;
        if authority.host().is_empty() {
            return Err(wrong("there is no host in it"));
        }
        let numeric = authority.port().is_some_and(|port| port.as_u16() != 0);
        if !numeric && authority.as_str() != authority.host() {
            return Err(wrong("its port is no number from 1 to 65535"));
        }
        Ok(Self { scheme, authority })
    }

    /// Whether connections to it are secured.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Its host, an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        let host = self.authority.host();
        let inside = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        inside.unwrap_or(host)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(PORT)
    }

    pub(crate) fn uri(&self) -> Result<Uri, http::Error> {
        let builder = Uri::builder().scheme(self.name());
        builder
            .authority(self.authority.clone())
            .path_and_query("/")
            .build()
    }

    fn name(&self) -> &'static str {
        match self.scheme {
            Scheme::Clear => "http",
            Scheme::Tls => "https",
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.name(), self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_member_is_read() {
        let read = |text| Endpoint::parse(text, Scheme::Tls).unwrap().to_string();
        assert_eq!(read("127.0.0.1:2379"), "https://127.0.0.1:2379");
        assert_eq!(read("http://etcd-0.etcd:2379/"), "http://etcd-0.etcd:2379");
        let six = Endpoint::parse("https://[::1]:1", Scheme::Clear).unwrap();
        assert_eq!((six.host(), six.port()), ("::1", 1));
        let short = Endpoint::parse("etcd", Scheme::Clear).unwrap();
        assert_eq!((short.host(), short.port()), ("etcd", 2379));
    }

    #[test]
    fn what_is_no_endpoint_is_refused_and_shows_no_password() {
        for text in [
            "",
            "http://",
            "unix:///run/etcd",
            "http://a:0",
            "http://a:70000",
            "http://a:b",
            "http://a/v3",
            "http://root:hush@a:2379",
            "root:hush@a",
            "a b",
        ] {
            let error = Endpoint::parse(text, Scheme::Clear).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
        }
    }
}
