use futures::{StreamExt, TryStreamExt, stream};
use snapstore::{Key, ObjectMeta, PartReceipt, Result, Upload};

/// Parts at once.
const AT_ONCE: usize = 8;

/// Makes `key` of parts that the service copies, in order. Where that fails the upload is given up.
///
/// Errors: that of the first part that failed, or of the end of the upload.
pub async fn copied_in_parts(
    upload: &impl Upload,
    key: &Key,
    parts: impl Iterator<Item = impl Future<Output = Result<PartReceipt>>>,
) -> Result<(ObjectMeta, Vec<PartReceipt>)> {
    let copied: Result<Vec<_>> = stream::iter(parts).buffered(AT_ONCE).try_collect().await;
    let made = match copied {
        Ok(parts) => upload.complete(&parts).await.map(|meta| (meta, parts)),
        Err(error) => Err(error),
    };
    if made.is_err()
        && let Err(left) = upload.abort().await
    {
        // What cannot be taken back is swept.
        tracing::debug!("parts of a copy of {key} are left: {left}");
    }
    made
}
