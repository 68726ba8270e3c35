use std::fs;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;
use testkit::wait;

use crate::run::{command, scratch, script};
use crate::support::real_chain::RealChain;
use crate::support::signal;

/// A drill that was stopped left a copy of every secret of the cluster on the disk, and an etcd that served it; so did every
/// drill whose etcd is started by a script, which alone was stopped.
#[test]
fn nothing_is_left_of_a_drill_that_is_stopped() {
    let chain = RealChain::of("3.5.35");
    let site = &chain.site;
    let note = site.path().join("pid");
    let sleeps = script(
        site,
        &format!("sleep 600 &\necho $! > {}\nwait", note.display()),
    );
    let mut command = command(site, &["--etcd", &sleeps]);
    let mut drill = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let started = || {
        let pid = fs::read_to_string(&note).unwrap_or_default();
        Ok(pid.trim().parse::<i32>().ok())
    };
    let pid = wait::until("etcd was started", Duration::from_secs(60), started).unwrap();
    assert_eq!(fs::read_dir(scratch(site)).unwrap().count(), 1);
    signal(&drill, Signal::TERM);
    assert_eq!(drill.wait().unwrap().code(), Some(1));
    assert_eq!(fs::read_dir(scratch(site)).unwrap().count(), 0);
    // Killed with its script, it is nobody's child, and may be waited for by nobody: it has no words any more.
    let ended = || {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        Ok(words.is_empty().then_some(()))
    };
    wait::until("etcd was stopped", Duration::from_secs(30), ended).unwrap();
}
