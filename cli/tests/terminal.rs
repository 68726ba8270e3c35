//! What stands on a terminal.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// On a terminal the first version died before it had said a word: it asked its logger for
/// colours that had not been built in. Every test had looked at pipes.
#[test]
fn a_restore_on_a_terminal_shows_a_bar_and_ends_well() {
    let dir = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/backups/e35-gzip");
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let side = Path::new(OsStr::from_bytes(name.to_bytes()));
    let stderr = OpenOptions::new()
        .read(true)
        .write(true)
        .open(side)
        .unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"))
        .arg("restore")
        .arg("--store-container")
        .arg(sample)
        .arg("--data-dir")
        .arg(dir.path().join("new.etcd"))
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        .spawn()
        .unwrap();
    let shown = std::thread::spawn(move || read_all(File::from(terminal)));
    let status = child.wait().unwrap();
    let shown = shown.join().unwrap();
    assert!(status.success(), "{shown}");
    assert!(shown.contains("1.06 MiB"), "{shown}");
    assert!(shown.contains("left"), "{shown}");
}

/// Until the other side has been closed, which Linux reports as an error.
fn read_all(mut terminal: File) -> String {
    let (mut all, mut piece) = (Vec::new(), [0; 4096]);
    while let Ok(read) = terminal.read(&mut piece) {
        if read == 0 {
            break;
        }
        all.extend_from_slice(&piece[..read]);
    }
    String::from_utf8_lossy(&all).into_owned()
}
