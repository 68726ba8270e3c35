//! What happens to a member.

use std::fmt;

/// A fault, of which there is one in each round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    EtcdKilled,
    SidecarKilled,
    PodKilled,
    StoreDown,
    StoreFull,
    VolumeFull,
    WalFlipped,
    PageZeroed,
    DirectoryGone,
    ClockBack,
    CertificateRotated,
}

impl Fault {
    pub(crate) const ALL: [Self; 11] = [
        Self::EtcdKilled,
        Self::SidecarKilled,
        Self::PodKilled,
        Self::StoreDown,
        Self::StoreFull,
        Self::VolumeFull,
        Self::WalFlipped,
        Self::PageZeroed,
        Self::DirectoryGone,
        Self::ClockBack,
        Self::CertificateRotated,
    ];

    /// Whether it takes away what etcd had acknowledged and no backup holds: of one that is alone, that is lost.
    pub(crate) fn destroys(self) -> bool {
        matches!(
            self,
            Self::WalFlipped | Self::PageZeroed | Self::DirectoryGone
        )
    }

    fn name(self) -> &'static str {
        match self {
            Self::EtcdKilled => "etcd killed",
            Self::SidecarKilled => "sidecar killed",
            Self::PodKilled => "pod killed",
            Self::StoreDown => "store down",
            Self::StoreFull => "store full",
            Self::VolumeFull => "volume full",
            Self::WalFlipped => "WAL word flipped",
            Self::PageZeroed => "page zeroed",
            Self::DirectoryGone => "directory gone",
            Self::ClockBack => "clock back",
            Self::CertificateRotated => "certificate rotated",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
