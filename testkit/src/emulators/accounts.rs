//! The accounts that tests use, the same in every way of starting a server: here, in
//! docker-compose.yml, and in what the conformance suite logs in with. They guard nothing.

/// MinIO's root user.
pub const MINIO_USER: &str = "etcdbr-test";
/// Its password.
pub const MINIO_PASSWORD: &str = "etcdbr-test-secret";
/// Azurite has this account when it is told of no other; its key is published with it.
pub const AZURITE_ACCOUNT: &str = "devstoreaccount1";
/// The user of the WebDAV server.
pub const WEBDAV_USER: &str = "etcdbr-test";
/// Their password.
pub const WEBDAV_PASSWORD: &str = "etcdbr-test-secret";
/// The bucket of the conformance suite, which makes it.
pub const BUCKET: &str = "etcdbr-conformance";
