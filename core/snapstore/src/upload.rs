use std::fmt;

use async_trait::async_trait;
use bytes::Bytes;

use crate::{Error, ErrorKind, ObjectMeta, PutMode, Result};

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

impl UploadOptions {
    /// Refuses a part that this upload cannot have: `number` counts from 1 to `max_parts`, and
    /// `length` is in bytes.
    ///
    /// Errors: `Config`.
    pub fn admit(&self, number: u32, length: u64, max_parts: u32) -> Result<()> {
        if (1..=max_parts).contains(&number) && length <= self.part_size {
            return Ok(());
        }
        let message = format!(
            "part {number} of {length} bytes: parts count from 1 to {max_parts} and hold at most {} \
             bytes",
            self.part_size
        );
        Err(Error::new(ErrorKind::Config, "part", message))
    }

    /// Whether part `number` of `count` may have `length` bytes: all but the last have one length.
    pub fn fits(&self, number: u32, count: usize, length: u64) -> bool {
        number as usize == count || length == self.part_size
    }
}

/// The proof that a part has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartReceipt {
    /// The part's number, from 1.
    pub number: u32,
    /// What the provider wants to see again at completion. Opaque.
    pub token: String,
}

impl PartReceipt {
    /// What `read` makes of each of the receipts with which an upload completes. They must be 1..=n
    /// without a gap; a provider may skip over one that is missing, and make another object.
    ///
    /// Errors: `Corrupt`, which names the first part that is missing, or of which `read` makes
    /// nothing.
    pub fn in_order<'a, T>(
        parts: &'a [Self],
        mut read: impl FnMut(&'a Self) -> Option<T>,
    ) -> Result<Vec<T>> {
        let missing = |number: u32, how: &str| {
            let message = format!("part {number} of the upload is {how}");
            Error::new(ErrorKind::Corrupt, "complete", message)
        };
        (1..)
            .zip(parts)
            .map(|(number, receipt)| {
                if receipt.number != number {
                    return Err(missing(number, "missing"));
                }
                read(receipt).ok_or_else(|| missing(number, "missing or too short"))
            })
            .collect()
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn receipts(numbers: &[u32]) -> Vec<PartReceipt> {
        let receipt = |number: &u32| PartReceipt {
            number: *number,
            token: (number * 10).to_string(),
        };
        numbers.iter().map(receipt).collect()
    }

    /// The check stood in seven files, one for each store, and S3 and OSS skip over a part that is
    /// missing: a store that forgot it would make a shorter object of the rest.
    #[test]
    fn parts_are_counted_from_one_without_a_gap() {
        let read = |receipt: &PartReceipt| receipt.token.parse::<u32>().ok();
        let lengths = PartReceipt::in_order(&receipts(&[1, 2, 3]), read);
        assert_eq!(lengths.unwrap(), [10, 20, 30]);
        assert_eq!(PartReceipt::in_order(&[], read).unwrap(), [0; 0]);
        for (numbers, named) in [
            (&[2][..], "part 1"),
            (&[1, 3], "part 2"),
            (&[2, 1], "part 1"),
        ] {
            let error = PartReceipt::in_order(&receipts(numbers), read).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt);
            assert!(error.message().starts_with(named), "{error}");
        }
        let none = |_: &PartReceipt| None::<()>;
        let error = PartReceipt::in_order(&receipts(&[1]), none).unwrap_err();
        assert!(error.message().contains("too short"), "{error}");
    }

    #[test]
    fn a_part_has_its_number_and_its_length() {
        let options = UploadOptions {
            mode: PutMode::CreateNew,
            part_size: 8,
        };
        options.admit(1, 8, 2).unwrap();
        options.admit(2, 0, 2).unwrap();
        for (number, length) in [(0, 8), (3, 8), (1, 9)] {
            let error = options.admit(number, length, 2).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
        }
        assert!(options.fits(1, 2, 8) && options.fits(2, 2, 3));
        assert!(!options.fits(1, 2, 3));
    }
}
