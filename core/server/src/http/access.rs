//! Who may ask for what. No real client can show who it is, so the defaults are what all of them can keep:
//! etcd-wrapper asks from the same pod, and triggers come from anywhere, but from no web page.

use std::path::Path;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::header::{AUTHORIZATION, ORIGIN};
use http::{HeaderMap, StatusCode};
use sha2::{Digest, Sha256};

use super::peer::{Peer, Shown};
use crate::settings::{Callers, TriggerAccess};

/// Why somebody is not answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) why: String,
}

/// A token is a line; a file that is longer is another one.
const LONGEST_TOKEN: u64 = 4096;

/// Whether the initialization and etcd's configuration are this caller's affair.
pub(super) fn may_initialize(
    callers: Callers,
    peer: &Peer,
    headers: &HeaderMap,
) -> Result<(), Refused> {
    if callers == Callers::Loopback && !peer.is_loopback() {
        return Err(forbidden("only this machine is answered here"));
    }
    no_page(headers)
}

/// Whether this caller may trigger a snapshot.
pub(super) async fn may_trigger(
    access: &TriggerAccess,
    peer: &Peer,
    headers: &HeaderMap,
) -> Result<(), Refused> {
    no_page(headers)?;
    match access {
        TriggerAccess::Open => Ok(()),
        TriggerAccess::ClientCa(_) => match peer.shown {
            Shown::Certificate => Ok(()),
            Shown::Nothing => Err(unauthorized("no trusted client certificate was shown")),
        },
        TriggerAccess::Token(path) => {
            let token = token(path).await.map_err(|why| Refused {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                why,
            })?;
            match bearer(headers).is_some_and(|shown| is_same(shown, &token)) {
                true => Ok(()),
                false => Err(unauthorized("the token is missing or wrong")),
            }
        }
    }
}

/// What the file of the token holds now, without white space around it.
pub(super) async fn token(path: &Path) -> Result<String, String> {
    let fault = |why: &dyn std::fmt::Display| {
        format!(
            "the token of the triggers cannot be read: {}: {why}",
            path.display()
        )
    };
    let length = tokio::fs::metadata(path)
        .await
        .map_err(|why| fault(&why))?
        .len();
    if length > LONGEST_TOKEN {
        return Err(fault(&format_args!(
            "it has {length} bytes, and {LONGEST_TOKEN} at most are one"
        )));
    }
    let content = tokio::fs::read(path).await.map_err(|why| fault(&why))?;
    let content = String::from_utf8(content).map_err(|_| fault(&"it is no text"))?;
    match content.trim() {
        "" => Err(fault(&"it is empty")),
        token => Ok(token.to_owned()),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (first, None) = (all.next()?, all.next()) else {
        return None;
    };
    let (scheme, token) = first.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Takes as long for one that is nearly right as for any other, whatever its length.
fn is_same(shown: &str, token: &str) -> bool {
    let hash = |text: &str| Sha256::digest(text.as_bytes());
    verify_slices_are_equal(&hash(shown), &hash(token)).is_ok()
}

/// A page that somebody looks at on this machine could ask for things in their name. Browsers say so, and no other
/// client sends these headers.
fn no_page(headers: &HeaderMap) -> Result<(), Refused> {
    let site = headers.get("sec-fetch-site").map(|site| site.as_bytes());
    let is_of_page = headers.contains_key(ORIGIN)
        || site.is_some_and(|site| site != b"none" && site != b"same-origin");
    match is_of_page {
        true => Err(forbidden("web pages of other sites are not answered here")),
        false => Ok(()),
    }
}

fn forbidden(why: &str) -> Refused {
    Refused {
        status: StatusCode::FORBIDDEN,
        why: why.to_owned(),
    }
}

fn unauthorized(why: &str) -> Refused {
    Refused {
        status: StatusCode::UNAUTHORIZED,
        why: why.to_owned(),
    }
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
