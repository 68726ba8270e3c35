use std::fmt;

/// A peer URL in the form in which Go prints it, which is what member ids are hashed from:
/// the scheme in lower case, the address as given.
///
/// Accepts what etcd 3.5.1 accepts (client/pkg/types/urls.go) except users, queries,
/// fragments, percent escapes and hosts beyond ASCII: no peer has those, and Go would rewrite
/// some of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerUrl(String);

/// A URL that etcd would not accept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("peer URL {url:?} {fault}")]
pub struct BadUrl {
    /// As given.
    pub url: String,
    /// What is wrong with it.
    pub fault: UrlFault,
}

/// Why a peer URL is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlFault {
    /// No scheme, or another one.
    #[error("must begin with http://, https://, unix:// or unixs://")]
    Scheme,
    /// No port, or no host in brackets where one is needed.
    #[error("does not have the form host:port")]
    HostPort,
    /// Something follows the port.
    #[error("must not contain a path, query, fragment or user")]
    MoreThanAddress,
    /// A character that no host name has.
    #[error("has a character that no host name has")]
    Host,
}

impl PeerUrl {
    /// Parses one URL; surrounding white space does not count.
    pub fn parse(url: &str) -> Result<Self, BadUrl> {
        normalise(url.trim()).map(Self).map_err(|fault| BadUrl {
            url: url.to_owned(),
            fault,
        })
    }

    /// The URL as Go prints it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PeerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn normalise(url: &str) -> Result<String, UrlFault> {
    let (scheme, address) = url.split_once("://").ok_or(UrlFault::Scheme)?;
    let scheme = scheme.to_ascii_lowercase();
    if !["http", "https", "unix", "unixs"].contains(&scheme.as_str()) {
        return Err(UrlFault::Scheme);
    }
    if address.contains(['/', '?', '#', '@']) {
        return Err(UrlFault::MoreThanAddress);
    }
    let (host, port) = address.rsplit_once(':').ok_or(UrlFault::HostPort)?;
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(UrlFault::HostPort);
    }
    match host.strip_prefix('[') {
        Some(bracketed) => check_ipv6(bracketed.strip_suffix(']').ok_or(UrlFault::HostPort)?)?,
        None if host.contains(':') => return Err(UrlFault::HostPort),
        None if host.bytes().all(is_host_byte) => {}
        None => return Err(UrlFault::Host),
    }
    Ok(format!("{scheme}://{address}"))
}

/// An address in brackets; a zone follows `%25`, the escaped form that Go prints.
fn check_ipv6(host: &str) -> Result<(), UrlFault> {
    let (address, zone) = host.split_once("%25").unwrap_or((host, ""));
    let in_address = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    if address.bytes().all(in_address) && zone.bytes().all(is_host_byte) {
        Ok(())
    } else {
        Err(UrlFault::Host)
    }
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(url: &str) -> UrlFault {
        match PeerUrl::parse(url) {
            Err(BadUrl { fault, .. }) => fault,
            other => panic!("{url}: {other:?}"),
        }
    }

    /// Every line was tried with etcdutl 3.5.1, which kept exactly this text.
    #[test]
    fn accepted_urls_keep_their_text() {
        for (given, kept) in [
            ("http://127.0.0.1:2380", "http://127.0.0.1:2380"),
            ("HTTP://LocalHost:1234", "http://LocalHost:1234"),
            (" http://127.0.0.1:1 ", "http://127.0.0.1:1"),
            ("http://127.0.0.1:", "http://127.0.0.1:"),
            ("http://[::1]:1", "http://[::1]:1"),
            ("unix://localhost:1234", "unix://localhost:1234"),
        ] {
            assert_eq!(PeerUrl::parse(given).unwrap().as_str(), kept);
        }
    }

    #[test]
    fn refused_urls_say_why() {
        for (url, why) in [
            ("", UrlFault::Scheme),
            ("127.0.0.1:2380", UrlFault::Scheme),
            ("ftp://127.0.0.1:1", UrlFault::Scheme),
            ("http://127.0.0.1", UrlFault::HostPort),
            ("http://127.0.0.1:x", UrlFault::HostPort),
            ("http://::1:2380", UrlFault::HostPort),
            ("http://127.0.0.1:1234/", UrlFault::MoreThanAddress),
            ("unix:///tmp/x", UrlFault::MoreThanAddress),
            ("http://u@h:1", UrlFault::MoreThanAddress),
            ("http://h:1?x=1", UrlFault::MoreThanAddress),
            ("http://a b:1", UrlFault::Host),
            ("http://[fe80::1%eth0]:1", UrlFault::Host),
        ] {
            assert_eq!(fault(url), why, "{url}");
        }
    }
}
