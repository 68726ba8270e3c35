use std::sync::atomic::{AtomicBool, Ordering};

use azure_core::Error as SdkError;
use azure_core::error::ErrorKind as SdkKind;
use azure_storage_blob::models::BlockBlobClientStageBlockOptions;
use crc_fast::{CrcAlgorithm, checksum};
use snapstore::Bytes;
use snapstore_cloud::md5;

/// The checksum that goes along with a block, which Azure compares with what arrived before it keeps
/// anything. A CRC-64, since an MD5 took two thirds of an upload's CPU. Azurite refuses it; who does,
/// gets the MD5 from then on.
#[derive(Debug, Default)]
pub(crate) struct Checksum {
    only_md5: AtomicBool,
}

impl Checksum {
    pub(crate) async fn of(&self, data: &Bytes) -> BlockBlobClientStageBlockOptions<'static> {
        let mut options = BlockBlobClientStageBlockOptions::default();
        match self.only_md5.load(Ordering::Relaxed) {
            false => options.transactional_content_crc64 = Some(crc64(data).to_vec()),
            true => options.transactional_content_md5 = Some(md5(data).await.to_vec()),
        }
        options
    }

    /// Whether the same block with another checksum may be taken: it was refused for a CRC-64.
    pub(crate) fn is_refused(
        &self,
        sent: &BlockBlobClientStageBlockOptions<'_>,
        by: &SdkError,
    ) -> bool {
        let of_crc64 = sent.transactional_content_crc64.is_some();
        let refused = of_crc64 && is_unsupported(by);
        if refused {
            self.only_md5.store(true, Ordering::Relaxed);
        }
        refused
    }
}

/// Azurite's word, with a status of 500.
fn is_unsupported(error: &SdkError) -> bool {
    let SdkKind::HttpResponse { error_code, .. } = error.kind() else {
        return false;
    };
    error_code.as_deref() == Some("FeatureNotSupported")
}

/// As the header `x-ms-content-crc64` has it: CRC-64/NVME, the lowest byte first.
fn crc64(data: &[u8]) -> [u8; 8] {
    checksum(CrcAlgorithm::Crc64Nvme, data).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::crc64;

    /// Azure's own libraries say what Azure computes: of `hello` in a test for Rust that was recorded
    /// with the service, of the others in the tests of `StorageCrc64Calculator` for Java.
    #[test]
    fn the_checksum_is_the_one_that_azure_computes() {
        assert_eq!(crc64(b"hello"), [87, 66, 82, 6, 112, 133, 119, 51]);
        let known = [
            ("", 0_u64),
            ("Hello World!", 208_604_604_655_264_165),
            ("123456789!@#$%^&*()", 2_153_758_901_452_455_624),
        ];
        for (text, expected) in known {
            assert_eq!(
                u64::from_le_bytes(crc64(text.as_bytes())),
                expected,
                "{text}"
            );
        }
    }
}
