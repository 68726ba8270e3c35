use std::fs;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, test_kill_process};
use testkit::wait;

use crate::run::{command, scratch, script};
use crate::support::real_chain::RealChain;
use crate::support::signal;

/// A drill that was stopped left a copy of every secret of the cluster on the disk, and an etcd that served it.
#[test]
fn nothing_is_left_of_a_drill_that_is_stopped() {
    let chain = RealChain::of("3.5.35");
    let site = &chain.site;
    let note = site.path().join("pid");
    let sleeps = script(
        site,
        &format!("echo $$ > {}\nexec sleep 600", note.display()),
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
    let gone = test_kill_process(Pid::from_raw(pid).unwrap());
    assert!(gone.is_err(), "it runs on: {pid}");
}
