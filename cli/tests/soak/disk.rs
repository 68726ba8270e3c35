//! Small volumes, which can be full. They are mounted, so this process has mounts of its own (`cargo xtask soak`).

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::{FallocateFlags, fallocate, statvfs};
use testkit::program;

/// A tmpfs on a directory.
pub(crate) struct Disk {
    at: PathBuf,
}

impl Disk {
    pub(crate) fn mount(at: &Path, mebibytes: u32) -> Self {
        fs::create_dir_all(at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={mebibytes}m"), "tmpfs"]);
        let mounted = program::run(mount.arg(at));
        mounted.expect("a soak mounts small volumes: run it by `cargo xtask soak`, as root or where user namespaces are allowed");
        Self { at: at.to_owned() }
    }

    fn filler(&self) -> PathBuf {
        self.at.join("filler")
    }

    /// Nothing more goes onto it.
    pub(crate) fn fill(&self) {
        let file = File::create(self.filler()).unwrap();
        let free = statvfs(&self.at).unwrap();
        // Somebody may write meanwhile: what is left is tried in smaller and smaller pieces.
        let (mut end, mut piece) = (0, free.f_bavail * free.f_frsize);
        while piece >= free.f_frsize {
            match fallocate(&file, FallocateFlags::empty(), end, piece) {
                Ok(()) => end += piece,
                Err(_) => piece /= 2,
            }
        }
    }

    pub(crate) fn free(&self) {
        fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // It goes with this process, whatever is still open.
        let _ = Command::new("umount").arg("--lazy").arg(&self.at).status();
    }
}
