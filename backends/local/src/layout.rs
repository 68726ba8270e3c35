//! Where snapshots stand below the root, and what else is found on the volumes of file servers.

/// What file servers and file systems keep among everybody's files: Synology's and QNAP's marks, the
/// earlier states of NetApp, ZFS and others, and what a check of the disk has found.
const OF_FILE_SERVERS: [&str; 9] = [
    "@eaDir",
    "@Recycle",
    "@Recently-Snapshot",
    "#recycle",
    "#snapshot",
    ".snapshot",
    ".snapshots",
    ".zfs",
    "lost+found",
];

/// Whether a file or directory of that name is the file server's, in any directory.
pub(crate) fn is_of_file_server(name: &str) -> bool {
    OF_FILE_SERVERS.contains(&name)
}

/// Whether something in the directory `path` (below the root) may be a snapshot, or may not be told to
/// be none: snapshots are `v2/NAME` and `v1/Backup-*/NAME`, and of what is in neither, nothing is known.
pub(crate) fn may_hold_snapshots(path: &str) -> bool {
    let mut segments = path.split('/');
    match (segments.next(), segments.next(), segments.next()) {
        (Some("v2"), below, _) => below.is_none(),
        (Some("v1"), None, _) => true,
        (Some("v1"), Some(backup), None) => backup.starts_with("Backup-"),
        (Some("v1"), ..) => false,
        _ => true,
    }
}

/// Whether snapshots stand in `path`, or in directories of it.
pub(crate) fn holds_snapshots(path: &str) -> bool {
    matches!(path.split('/').next(), Some("v1" | "v2")) && may_hold_snapshots(path)
}

/// Whether `key` is where a snapshot stands, and named like one.
pub(crate) fn may_be_snapshot(key: &str) -> bool {
    let Some((dir, name)) = key.rsplit_once('/') else {
        return false;
    };
    let is_place = dir != "v1" && holds_snapshots(dir);
    is_place && (name.starts_with("Full-") || name.starts_with("Incr-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_places_hold_snapshots() {
        for (path, holds) in [
            ("", true),
            ("v1", true),
            ("v2", true),
            ("v1/Backup-1", true),
            ("elsewhere/deep", true),
            ("v2/deeper", false),
            ("v1/deeper", false),
            ("v1/Backup-1/deeper", false),
        ] {
            assert_eq!(may_hold_snapshots(path), holds, "{path:?}");
        }
        for (key, is) in [
            ("v2/Full-00000000-00000001-1", true),
            ("v1/Backup-1/Incr-00000000-00000001-1.gz", true),
            ("v1/Full-00000000-00000001-1", false),
            ("v2/deeper/Full-00000000-00000001-1", false),
            ("v2/notes", false),
            ("Full-00000000-00000001-1", false),
        ] {
            assert_eq!(may_be_snapshot(key), is, "{key}");
        }
    }
}
