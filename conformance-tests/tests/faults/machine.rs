//! An authority that the machine trusts, and a server whose own certificate it knows. An operator names it in `SSL_CERT_FILE` before a program begins,
//! and a process must not change its own environment: so this one begins a second time.

use std::fs;
use std::process::{Command, ExitCode};

use testkit::proxy::{Authority, Identity};

/// Names the file of certificates to all clients, as it does to OpenSSL's.
const VARIABLE: &str = "SSL_CERT_FILE";

/// The name of our file, by which the second beginning is told from the first.
const FILE: &str = "etcdbr-conformance-authority.pem";

/// Whom the machine trusts.
pub(crate) struct Trusted {
    pub(crate) authority: Authority,
    /// Of a server on loopback, signed by nobody else.
    pub(crate) itself: Identity,
}

/// Those; `None` in a process whose machine does not trust them.
pub(crate) fn trusted() -> Option<Trusted> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test program is its own command line"
    )]
    let file = std::env::var(VARIABLE).ok()?;
    if !file.ends_with(FILE) {
        return None;
    }
    let authority = Authority::new().unwrap();
    let itself = Identity::by_itself(&["127.0.0.1"]).unwrap();
    fs::write(file, authority.pem() + itself.pem()).unwrap();
    Some(Trusted { authority, itself })
}

/// This program with the same arguments, on a machine that trusts them.
pub(crate) fn begin_again() -> ExitCode {
    let room = tempfile::tempdir().unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(std::env::args_os().skip(1))
        .env(VARIABLE, room.path().join(FILE))
        .status()
        .unwrap();
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}
