//! The same store, as both sides find it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use testkit::emulators::accounts::{AZURITE_ACCOUNT, MINIO_PASSWORD, MINIO_USER};

use super::azure;
use super::pace::{PARALLEL, PART};

/// What everything is put into.
pub(in crate::bench) const BUCKET: &str = "etcdbr-bench";

/// A store to move bytes into and out of.
pub(in crate::bench) struct Peer {
    /// As `--storage-provider` spells it.
    pub(in crate::bench) provider: &'static str,
    pub(in crate::bench) endpoint: Option<String>,
    /// Where our side finds its credentials: a variable, and the directory it names.
    pub(in crate::bench) credentials: Option<(&'static str, PathBuf)>,
    pub(in crate::bench) other: Other,
}

/// Whom we are measured beside.
pub(in crate::bench) enum Other {
    Rclone {
        /// Of the remote `peer`.
        config: Vec<(&'static str, String)>,
        /// So that it works as we do.
        flags: Vec<String>,
    },
    /// rclone has no way to speak to this server: one request by reqwest, in one stream.
    Plain { url: String },
}

/// S3 and its kin at `url`.
pub(in crate::bench) fn s3(url: &str, room: &Path) -> Result<Peer> {
    let files = [
        ("endpoint", url),
        ("region", "us-east-1"),
        ("accessKeyID", MINIO_USER),
        ("secretAccessKey", MINIO_PASSWORD),
        ("s3ForcePathStyle", "true"),
    ];
    Ok(Peer {
        provider: "S3",
        endpoint: None,
        credentials: Some(("AWS_APPLICATION_CREDENTIALS", write(room, "s3", &files)?)),
        other: Other::Rclone {
            config: vec![
                ("TYPE", "s3".into()),
                ("PROVIDER", "Minio".into()),
                ("ENDPOINT", url.into()),
                ("REGION", "us-east-1".into()),
                ("ACCESS_KEY_ID", MINIO_USER.into()),
                ("SECRET_ACCESS_KEY", MINIO_PASSWORD.into()),
            ],
            flags: vec![
                format!("--s3-chunk-size={PART}B"),
                format!("--s3-upload-cutoff={PART}B"),
                format!("--s3-upload-concurrency={PARALLEL}"),
                "--s3-disable-checksum".into(),
            ],
        },
    })
}

/// Google Cloud Storage at `url`; nobody logs in. rclone uploads in one stream.
pub(super) fn gcs(url: &str) -> Peer {
    Peer {
        provider: "GCS",
        endpoint: Some(url.to_owned()),
        credentials: None,
        other: Other::Rclone {
            config: vec![
                ("TYPE", "google cloud storage".into()),
                ("ENDPOINT", format!("{url}/storage/v1/")),
                ("ANONYMOUS", "true".into()),
                ("PROJECT_NUMBER", "bench".into()),
            ],
            flags: Vec::new(),
        },
    }
}

/// Azure Blob Storage at `url`.
pub(super) fn abs(url: &str, room: &Path) -> Result<Peer> {
    let files = [
        ("storageAccount", AZURITE_ACCOUNT),
        ("storageKey", azure::KEY),
    ];
    let files = write(room, "abs", &files)?;
    Ok(Peer {
        provider: "ABS",
        endpoint: Some(url.to_owned()),
        credentials: Some(("AZURE_APPLICATION_CREDENTIALS", files)),
        other: Other::Rclone {
            config: vec![
                ("TYPE", "azureblob".into()),
                ("SAS_URL", azure::with_sas(url)?),
            ],
            flags: vec![
                format!("--azureblob-chunk-size={PART}B"),
                format!("--azureblob-upload-concurrency={PARALLEL}"),
                "--azureblob-disable-checksum".into(),
            ],
        },
    })
}

/// Swift, behind the login at `url`. rclone uploads segments one after the other.
pub(super) fn swift(url: &str, room: &Path) -> Result<Peer> {
    let files = [
        ("authURL", url),
        ("region", "RegionOne"),
        ("domainName", "Default"),
        ("tenantName", "demo"),
        ("username", "demo"),
        ("password", "demopass"),
    ];
    let files = write(room, "swift", &files)?;
    Ok(Peer {
        provider: "Swift",
        endpoint: None,
        credentials: Some(("OPENSTACK_APPLICATION_CREDENTIALS", files)),
        other: Other::Rclone {
            config: vec![
                ("TYPE", "swift".into()),
                ("AUTH", url.into()),
                ("AUTH_VERSION", "3".into()),
                ("USER", "demo".into()),
                ("KEY", "demopass".into()),
                ("DOMAIN", "Default".into()),
                ("TENANT", "demo".into()),
                ("TENANT_DOMAIN", "Default".into()),
                ("REGION", "RegionOne".into()),
            ],
            flags: vec![format!("--swift-chunk-size={PART}B")],
        },
    })
}

/// OSS, on our own emulator at `url`.
pub(in crate::bench) fn oss(url: &str, room: &Path) -> Result<Peer> {
    let files = [
        ("storageEndpoint", url),
        ("region", "cn-hangzhou"),
        ("accessKeyID", MINIO_USER),
        ("accessKeySecret", MINIO_PASSWORD),
    ];
    let files = write(room, "oss", &files)?;
    Ok(Peer {
        provider: "OSS",
        endpoint: None,
        credentials: Some(("ALICLOUD_APPLICATION_CREDENTIALS", files)),
        other: Other::Plain {
            url: url.to_owned(),
        },
    })
}

/// A directory as Kubernetes mounts it.
fn write(room: &Path, name: &str, files: &[(&str, &str)]) -> Result<PathBuf> {
    let dir = room.join(name);
    fs::create_dir_all(&dir).with_context(|| format!("create {}", dir.display()))?;
    for (name, value) in files {
        fs::write(dir.join(name), value)?;
    }
    Ok(dir)
}
