//! Whether a volume belongs to this machine alone, by the number of its kind of file system
//! (include/uapi/linux/magic.h, and the headers of those that are not in it).

use std::fs::File;
use std::io;

/// Kinds of which one machine has the whole: ext, XFS, Btrfs, ZFS, F2FS, bcachefs, JFS, ReiserFS, tmpfs, ramfs,
/// overlayfs, squashfs.
const LOCAL: [u64; 12] = [
    0xEF53,
    0x5846_5342,
    0x9123_683E,
    0x2FC1_2FC1,
    0xF2F5_2010,
    0xCA45_1A4E,
    0x3153_464A,
    0x5265_4973,
    0x0102_1994,
    0x8584_58F6,
    0x794C_7630,
    0x7371_7368,
];

/// Whether no other machine can have it. A kind that is not known may be shared.
#[cfg(target_os = "linux")]
pub(super) fn is_local(file: &File) -> io::Result<bool> {
    let found = rustix::fs::fstatfs(file)?;
    // The type of the field differs between machines; the number has 32 bits.
    let kind = u32::try_from(found.f_type as u64 & 0xFFFF_FFFF).unwrap_or_default();
    Ok(is_local_kind(kind))
}

#[cfg(not(target_os = "linux"))]
pub(super) fn is_local(_file: &File) -> io::Result<bool> {
    Ok(false)
}

fn is_local_kind(kind: u32) -> bool {
    LOCAL.contains(&u64::from(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_several_machines_may_have_is_not_local() {
        for (kind, name) in [
            (0x6969, "NFS"),
            (0xFF53_4D42, "CIFS"),
            (0xFE53_4D42, "SMB2"),
            (0x00C3_6400, "Ceph"),
            (0x6573_5546, "FUSE"),
            (0x0BD0_0BD0, "Lustre"),
            (0x7461_636F, "OCFS2"),
            (0x0102_1997, "9P"),
            (0, "one that nobody knows"),
        ] {
            assert!(!is_local_kind(kind), "{name}");
        }
        assert!(is_local_kind(0xEF53) && is_local_kind(0x794C_7630));
    }
}
