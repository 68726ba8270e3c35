use std::error::Error as StdError;
use std::fmt;

use snapstore::{Error, ErrorKind};

use super::cause::{causes, innermost, is_no_tls, untrusted};

/// A request that got no reply, or a body that broke off. The address is left out: it may hold a
/// signature.
pub fn broken(operation: &'static str, error: reqwest::Error) -> Error {
    if let Some(untrusted) = untrusted(operation, &error) {
        return untrusted.with_source(error.without_url());
    }
    if error.is_builder() {
        let error = error.without_url();
        return Error::new(ErrorKind::Config, operation, words(&error)).with_source(error);
    }
    let error = named(error);
    if let Some(no_tls) = no_tls(operation, &*error) {
        return no_tls.with_source(error);
    }
    let message = words(&*error);
    Error::new(ErrorKind::Unexpected, operation, message)
        .with_source(error)
        .retryable()
}

/// `error` without its address, of which only the host is kept where that could not be reached: the words
/// of the system for it name nobody.
pub fn named(error: reqwest::Error) -> Box<dyn StdError + Send + Sync> {
    let host = error.url().and_then(|url| {
        let host = url.host_str()?;
        let port = url.port().map_or(String::new(), |port| format!(":{port}"));
        Some(format!("{host}{port}"))
    });
    let is_connect = error.is_connect();
    let error = error.without_url();
    match host.filter(|_| is_connect) {
        Some(host) => Box::new(Unreached { host, error }),
        None => error.into(),
    }
}

/// A server to which there is no connection.
#[derive(Debug)]
pub struct Unreached {
    host: String,
    error: reqwest::Error,
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no connection to {}", self.host)?;
        match is_no_tls(&self.error) {
            true => {
                f.write_str(", which does not speak TLS there; if http is meant, write http://")
            }
            false => Ok(()),
        }
    }
}

impl StdError for Unreached {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.error)
    }
}

/// `Config`, with what to do, if a server that was asked with TLS does not speak it: trying again will not make it.
pub fn no_tls(operation: &'static str, error: &(dyn StdError + 'static)) -> Option<Error> {
    if !is_no_tls(error) {
        return None;
    }
    let unreached = causes(error).find(|cause| cause.is::<Unreached>())?;
    Some(Error::new(
        ErrorKind::Config,
        operation,
        unreached.to_string(),
    ))
}

/// What happened and why, without the steps between: "error sending request: Connection refused".
pub fn words(error: &(dyn StdError + 'static)) -> String {
    let (outer, inner) = (error.to_string(), innermost(error));
    if outer == inner {
        outer
    } else {
        format!("{outer}: {inner}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Tls, client};

    /// "failed to lookup address information: Name or service not known": of what, nobody said.
    #[tokio::test]
    async fn a_host_that_cannot_be_reached_is_named_and_its_address_is_not() {
        let asked = client(&Tls::default()).unwrap();
        for host in ["bucket.invalid", "127.0.0.1:1"] {
            let url = format!("http://{host}/hush?sig=hush");
            let error = asked.get(url).send().await.unwrap_err();
            let error = broken("open", error);
            assert!(error.message().contains(host), "{error}");
            assert!(error.is_retryable());
            assert!(!format!("{error} {error:?}").contains("hush"), "{error:?}");
        }
    }

    /// MinIO over http, and an endpoint with https: "received corrupt message of type InvalidContentType", and no word
    /// on what to do.
    #[tokio::test]
    async fn a_server_without_tls_is_told() {
        let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = server.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut asked, _) = server.accept().await.unwrap();
            let page = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
            tokio::io::AsyncWriteExt::write_all(&mut asked, page)
                .await
                .unwrap();
            // It is open until the client has gone.
            let mut rest = Vec::new();
            let _ = tokio::io::AsyncReadExt::read_to_end(&mut asked, &mut rest).await;
        });
        let client = client(&Tls::default()).unwrap();
        let error = client.get(format!("https://{at}/")).send().await;
        let error = broken("open", error.unwrap_err());
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(!error.is_retryable(), "it will not speak TLS the next time");
        for told in [at.to_string().as_str(), "does not speak TLS", "http://"] {
            assert!(error.message().contains(told), "no {told:?} in {error}");
        }
    }
}
