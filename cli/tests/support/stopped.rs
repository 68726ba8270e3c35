use std::fs;
use std::process::{Child, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::Site;

/// A restore that has begun to write, and is stopped there.
pub(crate) fn stopped(site: &Site, args: &[&str]) -> Child {
    let part = site.path().join("out/new.etcd.part/new/member");
    for _ in 0..200 {
        let mut command = site.command("restore", args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // One that has ended and was waited for has no process to signal any more: on a busy machine this
        // test was late, and failed with "No such process".
        let mut has_ended = false;
        while !part.exists() && !has_ended {
            has_ended = child.try_wait().unwrap().is_some();
        }
        if !has_ended {
            signal(&child, Signal::STOP);
            if part.exists() {
                return child;
            }
            signal(&child, Signal::CONT);
        }
        // It was too quick.
        child.wait().unwrap();
        fs::remove_dir_all(site.data_dir()).unwrap();
    }
    panic!("no restore could be stopped before it had ended");
}

/// Sends a signal to a child that has not been waited for.
pub(crate) fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}
