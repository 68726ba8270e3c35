use snapstore::{Error, ErrorKind};

use crate::sdk::Fault;

/// What the depot said, in the words of the contract.
pub(crate) fn from_sdk(operation: &'static str, fault: Fault) -> Error {
    let kind = match fault {
        Fault::NoSuchBucket | Fault::NoSuchObject | Fault::NoSuchUpload => ErrorKind::NotFound,
        Fault::Taken => ErrorKind::AlreadyExists,
        Fault::Forbidden => ErrorKind::Denied,
    };
    Error::new(kind, operation, format!("{fault:?}"))
}
