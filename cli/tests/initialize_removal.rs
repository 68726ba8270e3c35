//! `initialize` killed while it removes the old member, whose database it makes unreadable first: no kill of
//! the tests struck between the two, and such a member must never be put back.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use support::initialized::{DB, damage, restored, revision};
use support::{Run, Site};

/// Files in the old member, so that its removal takes a while.
const FILES: usize = 4_000;

/// Kills that must strike, and how often it is tried.
const KILLS: usize = 5;
const ATTEMPTS: usize = 100;

const ASIDE: &str = ".etcdbr.aside";

fn command(site: &Site) -> Command {
    let data_dir = site.data_dir();
    site.command("initialize", &["--data-dir", data_dir.to_str().unwrap()])
}

/// Whether the database in there was made unreadable.
fn is_spoilt(member: &Path) -> bool {
    let mut page = [0; 64];
    let read = File::open(member.join(DB)).and_then(|mut file| file.read_exact(&mut page));
    read.is_ok() && page == [0xFF; 64]
}

/// A damaged member with many files.
fn heavy(site: &Site) {
    damage(site);
    let dir = site.data_dir().join("member/many");
    fs::create_dir(&dir).unwrap();
    for number in 0..FILES {
        File::create(dir.join(number.to_string())).unwrap();
    }
}

fn ends_well(site: &Site) {
    let run = Run::of(command(site));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let told = format!("{}{}", run.stdout, run.stderr);
    assert!(!told.contains("put back"), "{told}");
    assert_eq!(revision(site), 60);
    let names: Vec<_> = fs::read_dir(site.data_dir())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["member"], "{told}");
    assert!(!site.data_dir().join("member/.etcdbr.new").exists());
    assert!(!site.data_dir().join("member/many").exists());
}

#[test]
fn killed_between_spoiling_and_removing_the_new_member_stays() {
    let site = restored();
    let aside = site.data_dir().join(ASIDE);
    let mut struck = 0;
    for _ in 0..ATTEMPTS {
        heavy(&site);
        let mut child = command(&site)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while !is_spoilt(&aside) && child.try_wait().unwrap().is_none() {}
        child.kill().unwrap();
        child.wait().unwrap();
        struck += usize::from(aside.exists() && is_spoilt(&aside));
        ends_well(&site);
        if struck == KILLS {
            return;
        }
    }
    unreachable!("only {struck} kills struck");
}

/// The same made by hand: the new member with its mark, and without.
#[test]
fn a_spoilt_member_aside_is_never_put_back() {
    let site = restored();
    for mark in [true, false] {
        let aside = site.data_dir().join(ASIDE).join("member/snap");
        fs::create_dir_all(&aside).unwrap();
        fs::write(aside.join("db"), [0xFF; 8192]).unwrap();
        if mark {
            fs::write(site.data_dir().join("member/.etcdbr.new"), b"").unwrap();
        }
        ends_well(&site);
    }
}
