//! The one layer of the image: what stands in it, and as whose.

use std::io::Write;

use anyhow::Result;
use tar::{Builder, EntryType, Header};

/// Who runs the program in the image, and whose home is there (as in the image of etcd-backup-restore).
pub(super) const USER: u64 = 65532;

const PASSWD: &str = "root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n";
const GROUP: &str = "root:x:0:\nnonroot:x:65532:\n";
/// Names without a resolver of the machine: files first, then DNS.
const NSSWITCH: &str = "hosts: files dns\n";

/// What stands at a path.
struct Entry<'a> {
    path: &'a str,
    mode: u32,
    owner: u64,
    content: Option<&'a [u8]>,
}

/// The tar file of it: entries in one order, of one time, so that one program makes one layer.
pub(super) fn layer(program: &[u8], authorities: &[u8]) -> Result<Vec<u8>> {
    let root = |path, mode, content| Entry {
        path,
        mode,
        owner: 0,
        content,
    };
    let entries = [
        root("etc/", 0o755, None),
        root("etc/group", 0o644, Some(GROUP.as_bytes())),
        root("etc/nsswitch.conf", 0o644, Some(NSSWITCH.as_bytes())),
        root("etc/passwd", 0o644, Some(PASSWD.as_bytes())),
        root("etc/ssl/", 0o755, None),
        root("etc/ssl/certs/", 0o755, None),
        root(
            "etc/ssl/certs/ca-certificates.crt",
            0o644,
            Some(authorities),
        ),
        root("etcdbrctl", 0o755, Some(program)),
        root("home/", 0o755, None),
        Entry {
            owner: USER,
            ..root("home/nonroot/", 0o700, None)
        },
        root("root/", 0o700, None),
        root("tmp/", 0o1777, None),
    ];
    let mut tar = Builder::new(Vec::new());
    for entry in entries {
        add(&mut tar, &entry)?;
    }
    Ok(tar.into_inner()?)
}

fn add(tar: &mut Builder<impl Write>, entry: &Entry<'_>) -> Result<()> {
    let content = entry.content.unwrap_or_default();
    let mut header = Header::new_ustar();
    header.set_entry_type(match entry.content {
        Some(_) => EntryType::Regular,
        None => EntryType::Directory,
    });
    header.set_mode(entry.mode);
    header.set_uid(entry.owner);
    header.set_gid(entry.owner);
    header.set_size(content.len() as u64);
    header.set_mtime(0);
    Ok(tar.append_data(&mut header, entry.path, content)?)
}
