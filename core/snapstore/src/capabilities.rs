use std::ops::RangeInclusive;

use crate::{Error, ErrorKind, ListRequest, ObjectId, Result, Versions};

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
    /// What arrives is held to a checksum of what was sent, by the store or by its client, before a put or the end
    /// of an upload answers `Ok`. Without it who has to be sure reads back.
    pub checks_content: bool,
    /// Objects can be uploaded in parts, within these limits.
    pub uploads: Option<UploadLimits>,
    /// The service behind the store, if it copies by itself ([`crate::Snapstore::copy_within`]):
    /// stores that say the same here have one, which may still refuse. It holds no secret.
    pub service: Option<String>,
}

/// What a store without [`Capabilities::versions`] answers.
const UNVERSIONED: &str = "versions are not kept by this store, or not read from it";

impl Capabilities {
    /// Refuses an object that is named by its version where there are none.
    ///
    /// Errors: `Unsupported`.
    pub fn check_version(&self, operation: &'static str, object: &ObjectId) -> Result<()> {
        if self.versions || object.version.is_none() {
            return Ok(());
        }
        let error = Error::new(ErrorKind::Unsupported, operation, UNVERSIONED);
        Err(error.with_key(&object.key))
    }

    /// Whether both stores are of one service that copies by itself.
    pub fn is_one_service(&self, other: &Self) -> bool {
        self.service.is_some() && self.service == other.service
    }

    /// Refuses a listing of versions where there are none.
    ///
    /// Errors: `Unsupported`.
    pub fn check_listing(&self, request: &ListRequest) -> Result<()> {
        match (self.versions, request.versions) {
            (true, _) | (_, Versions::Current) => Ok(()),
            (false, Versions::All) => Err(Error::new(ErrorKind::Unsupported, "list", UNVERSIONED)),
        }
    }
}

/// The limits of an upload in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadLimits {
    /// Bytes a part may have. The last part may be smaller.
    pub part_size: RangeInclusive<u64>,
    /// How many parts one upload may have.
    pub max_parts: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Key, VersionId};

    /// The two checks stood in every store, with a sentence each.
    #[test]
    fn a_store_without_versions_refuses_to_name_one() {
        let current = ObjectId::from(Key::new("v2/a").unwrap());
        let version = Some(VersionId("1".to_owned()));
        let old = ObjectId {
            version,
            ..current.clone()
        };
        let mut all = ListRequest::under("v2/");
        all.versions = Versions::All;
        let mut capabilities = Capabilities::default();
        capabilities.check_version("get", &current).unwrap();
        capabilities.check_listing(&ListRequest::default()).unwrap();
        let refused = [
            capabilities.check_version("get", &old).unwrap_err(),
            capabilities.check_listing(&all).unwrap_err(),
        ];
        assert!(
            refused
                .iter()
                .all(|error| error.kind() == ErrorKind::Unsupported)
        );
        capabilities.versions = true;
        capabilities.check_version("get", &old).unwrap();
        capabilities.check_listing(&all).unwrap();
    }
}
