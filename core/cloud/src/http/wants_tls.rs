use snapstore::{Error, ErrorKind};

/// What servers say to a request without TLS at a port that has it: Go's `net/http` (MinIO and many others), nginx, Apache.
/// They are no document of the provider, and have no code.
const SENTENCES: [&str; 3] = [
    "HTTP request to an HTTPS server",
    "plain HTTP request was sent to HTTPS port",
    "speaking plain HTTP to an SSL-enabled server port",
];

/// `Config`, with what to do, if a reply says that the server speaks TLS, and was asked without it.
pub fn wants_tls(operation: &'static str, status: u16, body: &[u8]) -> Option<Error> {
    let said = String::from_utf8_lossy(body);
    let says_so = status == 400 && SENTENCES.iter().any(|sentence| said.contains(sentence));
    says_so.then(|| {
        let message = "400: the server speaks TLS there; write https:// in place of http://";
        Error::new(ErrorKind::Config, operation, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// MinIO with TLS, and an endpoint with http: "failed: 400", and no word on what to do.
    #[test]
    fn a_server_with_tls_is_told() {
        for page in [
            "Client sent an HTTP request to an HTTPS server.\n",
            "<html><center>The plain HTTP request was sent to HTTPS port</center></html>",
            "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />",
        ] {
            let error = wants_tls("open", 400, page.as_bytes()).unwrap();
            assert!(error.message().contains("write https://"), "{error}");
            assert!(error.kind() == ErrorKind::Config && !error.is_retryable());
            assert!(wants_tls("open", 200, page.as_bytes()).is_none());
        }
        let other = b"<Error><Code>InvalidArgument</Code></Error>";
        assert!(wants_tls("open", 400, other).is_none());
    }
}
