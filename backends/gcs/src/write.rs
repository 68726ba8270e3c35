use google_cloud_storage::model;
use snapstore::{Bytes, PutMode, Result};

use crate::client::Client;
use crate::error::from_sdk;

/// Writes a body in one request. A CRC32C goes ahead of it, so that what was damaged on the way
/// never becomes an object.
pub(crate) async fn write(
    client: &Client,
    operation: &'static str,
    name: &str,
    data: Bytes,
    mode: PutMode,
) -> Result<model::Object> {
    let crc32c = crc32c::crc32c(&data);
    let mut writing = client
        .data
        .write_object(client.bucket(), name, data)
        .set_content_type("application/octet-stream");
    if mode == PutMode::CreateNew {
        writing = writing.set_if_generation_match(0_i64);
    }
    let written = writing.with_known_crc32c(crc32c).send_unbuffered().await;
    written.map_err(|error| from_sdk(operation, error))
}
