//! Where a member lies and whose it is: volumes mounted inside it, links, owners.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs;
use std::os::unix::fs::{MetadataExt, lchown, symlink};
use std::path::Path;
use std::process::Command;

use support::initialized::{damage, everything, initialize, restored};
use support::{Run, Site, contents};

/// `initialize` in a mount namespace of its own, after `before` has mounted something on `$at`.
fn with_mounts(site: &Site, at: &str, before: &str) -> Run {
    let mut shell = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        shell.arg("--map-root-user");
    }
    let script = format!("at=\"$1\"; shift; {before} || exit 77; exec \"$@\"");
    shell.args(["--mount", "sh", "-c", &script, "sh"]);
    shell.arg(site.data_dir().join(at));
    shell.arg(env!("CARGO_BIN_EXE_etcdbrctl")).arg("initialize");
    shell.arg("--data-dir").arg(site.data_dir());
    shell.arg("--store-container").arg(site.store());
    let run = Run::of(shell);
    let hint = "this test mounts a file system: run it as root, or allow user namespaces";
    assert_ne!(run.code, Some(77), "{hint}: {}", run.stderr);
    run
}

/// The log had a volume of its own. `initialize` renamed the member with the mount in it, put a new log
/// on the volume of the database, failed to remove the old one, and at the next start of the container the
/// old log lay over the new one.
#[test]
fn a_volume_mounted_inside_a_member_is_refused_before_anything_is_done() {
    let own = "cp -a \"$at\" \"$at.copy\" && mount -t tmpfs tmpfs \"$at\" && mv \"$at.copy\"/* \"$at\" \
               && rmdir \"$at.copy\"";
    // From the same device, which the number of the device does not show.
    let bound = "mount --bind \"$at\" \"$at\"";
    for at in ["member", "member/snap", "member/wal"] {
        for mount in [own, bound] {
            let site = restored();
            damage(&site);
            let before = everything(&site.data_dir());
            let run = with_mounts(&site, at, mount);
            run.failed_with(&[
                at,
                "a volume is mounted here",
                "Unmount it",
                "nothing was done",
            ]);
            if mount == bound {
                assert_eq!(everything(&site.data_dir()), before, "{at}");
            }
        }
    }
}

/// The root of a volume is restored in place, bound from the same device or not.
#[test]
fn a_data_directory_that_is_a_mount_is_restored_in_place() {
    let site = restored();
    damage(&site);
    let run = with_mounts(&site, "", "mount --bind \"$at\" \"$at\"");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(site.data_dir().join(".etcdbr.initialized.json").exists());
}

/// A directory was put in the place of the link, on a volume that was not meant for it.
#[test]
fn a_link_inside_a_member_is_refused_and_nothing_is_done() {
    for part in ["member/snap", "member/wal", "member/snap/db"] {
        for is_relative in [false, true] {
            let site = restored();
            damage(&site);
            let (path, there) = (site.data_dir().join(part), site.path().join("out/there"));
            fs::rename(&path, &there).unwrap();
            let up = "../".repeat(part.matches('/').count() + 1);
            let target = match is_relative {
                true => Path::new(&up).join("there"),
                false => there.clone(),
            };
            symlink(&target, &path).unwrap();
            let before = contents(&site.path().join("out"));
            let run = initialize(&site, &[]);
            run.failed_with(&[part, "symbolic link", target.to_str().unwrap()]);
            assert_eq!(contents(&site.path().join("out")), before);
        }
    }
}

/// A data directory behind a link is restored where the link leads; a link to nothing is told.
#[test]
fn a_data_directory_that_is_a_link_is_followed() {
    let site = restored();
    damage(&site);
    let there = site.path().join("there");
    fs::rename(site.data_dir(), &there).unwrap();
    symlink("../there", site.data_dir()).unwrap();
    let run = initialize(&site, &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(fs::symlink_metadata(site.data_dir()).unwrap().is_symlink());
    assert!(there.join("member/wal").is_dir());
    fs::remove_dir_all(&there).unwrap();
    let run = initialize(&site, &[]);
    run.failed_with(&["symbolic link to ../there", "is not there"]);
}

/// Gives `path` and all below it to `user`.
fn give(path: &Path, user: u32) {
    for path in contents(path).keys().map(Path::new).chain([path]) {
        lchown(path, Some(user), Some(user)).unwrap();
    }
}

const USER: u32 = 65_534;

/// As root, `initialize` and `restore` left a member of root's with mode 0700, said that etcd may start,
/// and etcd could not.
#[test]
fn what_root_restores_belongs_to_whose_place_it_takes() {
    if !rustix::process::geteuid().is_root() {
        println!("only root can give files away");
        return;
    }
    let owners = |site: &Site| -> Vec<(u32, u32, u32)> {
        let below = contents(&site.data_dir().join("member")).into_keys();
        let found = below.map(|path| fs::symlink_metadata(path).unwrap());
        let owned = found.map(|found| (found.uid(), found.gid(), found.mode() & 0o077));
        owned.collect()
    };
    let site = restored();
    damage(&site);
    give(&site.data_dir(), USER);
    let run = initialize(&site, &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert!(owners(&site).len() >= 5);
    assert!(owners(&site).iter().all(|owner| *owner == (USER, USER, 0)));
    // A first restore: only the directory tells.
    fs::remove_dir_all(site.data_dir().join("member")).unwrap();
    site.restore(&[]);
    assert!(owners(&site).iter().all(|owner| *owner == (USER, USER, 0)));
}

/// Without the right to give it away, nothing is begun.
#[test]
fn what_cannot_be_given_to_its_owner_is_not_restored() {
    if !rustix::process::geteuid().is_root() {
        println!("only root can give files away");
        return;
    }
    let site = restored();
    damage(&site);
    give(&site.data_dir(), USER);
    let before = everything(&site.data_dir());
    let mut command = Command::new("setpriv");
    command
        .arg("--bounding-set=-chown")
        .arg(env!("CARGO_BIN_EXE_etcdbrctl"));
    command
        .arg("initialize")
        .arg("--data-dir")
        .arg(site.data_dir());
    command.arg("--store-container").arg(site.store());
    let run = Run::of(command);
    run.failed_with(&["belongs to user 65534", "Run this as that user, or as root"]);
    let left = everything(&site.data_dir());
    let bytes = |all: &std::collections::BTreeMap<_, (i64, i64, u64, Vec<u8>)>| {
        let only = all
            .iter()
            .map(|(path, (.., bytes)): (&std::path::PathBuf, _)| (path.clone(), bytes.clone()));
        only.collect::<Vec<_>>()
    };
    assert_eq!(bytes(&left), bytes(&before));
}
