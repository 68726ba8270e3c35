//! Secrets that go over a connection which everybody on the way can read. A signature is made for one
//! request and may be seen; what is meant here is whatever lets its finder do more.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// What has been said in this process. A client is made anew as often as its credentials change, and
/// sends many requests.
static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Warns, once for each server, if `secret` ("the session token") goes to `url` without TLS.
pub fn warn_if_clear(secret: &str, url: &str) {
    if let Some(message) = if_clear(secret, url)
        && is_news(&SAID, &message)
    {
        tracing::warn!("{message}");
    }
}

fn if_clear(secret: &str, url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A user and a password are no part of it.
    let host = host.rsplit('@').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("http").then(|| {
        format!(
            "{secret} goes to {host} over http, where everybody on the way can read it: use https"
        )
    })
}

fn is_news(said: &Mutex<BTreeSet<String>>, message: &str) -> bool {
    let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
    said.insert(message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_goes_without_tls_is_told() {
        let told = if_clear("the SAS", "HTTP://u:hush@host:9/x?sig=hush").unwrap();
        assert!(told.contains("the SAS goes to host:9"), "{told}");
        assert!(!told.contains("hush"), "{told}");
        assert_eq!(if_clear("the SAS", "https://host/"), None);
    }

    #[test]
    fn each_is_told_once() {
        let said = Mutex::default();
        assert!(is_news(&said, "a"));
        assert!(is_news(&said, "b"));
        assert!(!is_news(&said, "a"));
    }
}
