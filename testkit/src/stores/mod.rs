//! Stores on real servers, and where those are: for the suite, and for tests that go through the
//! command line.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

pub mod abs;
pub mod gcs;
pub mod keystone;
pub mod oss;
mod place;
pub mod s3;
pub mod stand;
pub mod swift;

pub use place::{Place, Reach, endpoint, mounted};
pub use stand::{Stand, reply};

// Everybody uses it: each test keeps to a prefix of its own.
pub use crate::emulators::accounts::BUCKET;

/// The servers that variables name, by the name of their target.
pub const VARIABLES: [(&str, &str); 4] = [
    ("s3(minio)", s3::VARIABLE),
    ("gcs(fake-gcs-server)", gcs::VARIABLE),
    ("abs(azurite)", abs::VARIABLE),
    ("swift(swift)", swift::VARIABLE),
];
