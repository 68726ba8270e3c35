use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// What a command writes to a terminal.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    /// Its results.
    Output,
    /// Its log, progress and errors.
    Error,
}

/// A run with one of its streams on a terminal, the other nowhere, and all that stood on that terminal.
pub(crate) fn on_a_terminal(mut command: Command, stream: Stream) -> (ExitStatus, String) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap();
    let side = Path::new(OsStr::from_bytes(name.to_bytes()));
    let side = OpenOptions::new()
        .read(true)
        .write(true)
        .open(side)
        .unwrap();
    command.stdin(Stdio::null());
    match stream {
        Stream::Output => command.stdout(side).stderr(Stdio::null()),
        Stream::Error => command.stdout(Stdio::null()).stderr(side),
    };
    let mut child = command.spawn().unwrap();
    // Its own hold on the terminal would keep the reader waiting.
    drop(command);
    let shown = std::thread::spawn(move || read_all(File::from(terminal)));
    let status = child.wait().unwrap();
    (status, shown.join().unwrap())
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
