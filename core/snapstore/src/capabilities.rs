use std::ops::RangeInclusive;

/// What a store can do beyond the basics. Checked both ways: a claimed capability must work, and
/// an operation that needs one not claimed must answer `Unsupported`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// [`crate::PutMode::CreateNew`] is atomic: of two writers exactly one wins. Without it the
    /// store can only look first and write then.
    pub create_new: bool,
    /// Old versions are kept, listed and can be read and deleted one by one.
    pub versions: bool,
    /// [`crate::ObjectMeta::retain_until`] is reported.
    pub retention: bool,
    /// Objects can be uploaded in parts, within these limits.
    pub uploads: Option<UploadLimits>,
}

/// The limits of an upload in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadLimits {
    /// Bytes a part may have. The last part may be smaller.
    pub part_size: RangeInclusive<u64>,
    /// How many parts one upload may have.
    pub max_parts: u32,
}
