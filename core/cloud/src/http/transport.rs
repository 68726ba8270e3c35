use std::error::Error as StdError;

use snapstore::{Error, ErrorKind};

use super::cause::{innermost, untrusted};

/// A request that got no reply, or a body that broke off. The address is left out: it may hold a
/// signature.
pub fn broken(operation: &'static str, error: reqwest::Error) -> Error {
    let error = error.without_url();
    if let Some(untrusted) = untrusted(operation, &error) {
        return untrusted.with_source(error);
    }
    if error.is_builder() {
        return Error::new(ErrorKind::Config, operation, words(&error)).with_source(error);
    }
    let message = words(&error);
    Error::new(ErrorKind::Unexpected, operation, message)
        .with_source(error)
        .retryable()
}

/// What happened and why, without the steps between: "error sending request: Connection refused".
fn words(error: &(dyn StdError + 'static)) -> String {
    let (outer, inner) = (error.to_string(), innermost(error));
    if outer == inner {
        outer
    } else {
        format!("{outer}: {inner}")
    }
}
