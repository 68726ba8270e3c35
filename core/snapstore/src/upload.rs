use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{ObjectMeta, PutMode, Result};

/// How an upload will go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadOptions {
    /// What to do when the key is taken. Decided when the upload completes.
    pub mode: PutMode,
    /// The length of every part but the last, in bytes. Within the store's
    /// [`crate::UploadLimits::part_size`]. Saying it once lets a store place a part without
    /// waiting for those before it.
    pub part_size: u64,
}

/// The proof that a part has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartReceipt {
    /// The part's number, from 1.
    pub number: u32,
    /// What the provider wants to see again at completion. Opaque.
    pub token: String,
}

/// An object on its way. Parts may run at once, be repeated, and arrive in any order; the handle
/// keeps no state that a repeated part could upset.
///
/// An upload neither completed nor aborted leaves nothing that a listing shows; what it leaves in
/// the provider is cleaned up by age.
#[async_trait]
pub trait Upload: fmt::Debug + Send + Sync {
    /// Stores part `number` (from 1). Sending the same number again replaces it.
    async fn part(&self, number: u32, data: Bytes) -> Result<PartReceipt>;

    /// Makes the object of the given parts, which must be 1..=n without a gap. All or nothing,
    /// as a put is. Safe to repeat after a lost reply.
    async fn complete(&self, parts: &[PartReceipt]) -> Result<ObjectMeta>;

    /// Gives the upload up and removes its parts. Safe to repeat.
    async fn abort(&self) -> Result<()>;
}
