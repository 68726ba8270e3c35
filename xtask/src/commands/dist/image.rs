//! The image, as an archive of the OCI image layout (github.com/opencontainers/image-spec, v1.1): what `podman load`, `skopeo copy
//! oci-archive:` and registries take. No daemon is needed, and one program makes one digest.

use std::fs::{self, File};
use std::io::Write;

use anyhow::Result;
use flate2::{Compression, GzBuilder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{Builder, Header};

use super::layer::{USER, layer};
use super::machine::Machine;
use super::made_of::Dist;

/// `FROM scratch` with these, as packaging/Containerfile has them.
pub(super) const ENTRYPOINT: &str = "/etcdbrctl";

/// Writes the archive. The digest of its manifest, by which the image is known.
pub(super) fn write(dist: &Dist, authorities: &[u8]) -> Result<String> {
    let program = fs::read(&dist.program)?;
    let image = Image::of(&program, authorities, &dist.version, dist.machine)?;
    let mut file = File::create(dist.named("-image.tar"))?;
    file.write_all(&image.archive()?)?;
    Ok(image.manifest.digest)
}

/// Something that is known by its SHA-256.
struct Blob {
    kind: &'static str,
    bytes: Vec<u8>,
    digest: String,
}

impl Blob {
    fn new(kind: &'static str, bytes: Vec<u8>) -> Self {
        Self {
            kind,
            digest: digest(&bytes),
            bytes,
        }
    }

    fn json(kind: &'static str, value: &Value) -> Result<Self> {
        Ok(Self::new(kind, serde_json::to_vec(value)?))
    }

    fn descriptor(&self) -> Value {
        json!({"mediaType": self.kind, "digest": self.digest, "size": self.bytes.len()})
    }
}

fn digest(bytes: &[u8]) -> String {
    let sum: [u8; 32] = Sha256::digest(bytes).into();
    format!("sha256:{}", hex::encode(sum))
}

struct Image {
    layer: Blob,
    config: Blob,
    manifest: Blob,
}

impl Image {
    fn of(program: &[u8], authorities: &[u8], version: &str, machine: Machine) -> Result<Self> {
        let tar = layer(program, authorities)?;
        let mut gzip = GzBuilder::new()
            .mtime(0)
            .write(Vec::new(), Compression::best());
        gzip.write_all(&tar)?;
        let layer = Blob::new(
            "application/vnd.oci.image.layer.v1.tar+gzip",
            gzip.finish()?,
        );
        let labels = json!({
            "org.opencontainers.image.title": "etcdbrctl",
            "org.opencontainers.image.description": "Backup and restore for etcd",
            "org.opencontainers.image.version": version,
            "org.opencontainers.image.licenses": "MIT OR Apache-2.0",
        });
        let config = json!({
            "architecture": machine.of_images(),
            "os": "linux",
            "config": {
                "User": format!("{USER}:{USER}"),
                "Env": ["PATH=/"],
                "Entrypoint": [ENTRYPOINT],
                "WorkingDir": "/",
                "Labels": labels,
            },
            "rootfs": {"type": "layers", "diff_ids": [digest(&tar)]},
        });
        let config = Blob::json("application/vnd.oci.image.config.v1+json", &config)?;
        let kind = "application/vnd.oci.image.manifest.v1+json";
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": kind,
            "config": config.descriptor(),
            "layers": [layer.descriptor()],
        });
        Ok(Self {
            layer,
            config,
            manifest: Blob::json(kind, &manifest)?,
        })
    }

    fn archive(&self) -> Result<Vec<u8>> {
        let index = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [self.manifest.descriptor()],
        });
        let mut tar = Builder::new(Vec::new());
        add(&mut tar, "oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#)?;
        add(&mut tar, "index.json", &serde_json::to_vec(&index)?)?;
        for blob in [&self.config, &self.layer, &self.manifest] {
            let path = format!("blobs/{}", blob.digest.replacen(':', "/", 1));
            add(&mut tar, &path, &blob.bytes)?;
        }
        Ok(tar.into_inner()?)
    }
}

fn add(tar: &mut Builder<Vec<u8>>, path: &str, content: &[u8]) -> Result<()> {
    let mut header = Header::new_ustar();
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(content.len() as u64);
    header.set_mtime(0);
    Ok(tar.append_data(&mut header, path, content)?)
}

#[cfg(test)]
#[path = "image_tests.rs"]
mod tests;
