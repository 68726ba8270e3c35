//! Names out of a member or a store reached the terminal with their escape sequences: a title was set, colours
//! changed, a name was turned round.

mod support;

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use support::{Run, Site};

const NAME: &str = "a\u{1b}]0;title\u{7}\u{1b}[31mb\u{202e}c\u{9b}1m";

fn is_safe(what: &str, text: &str) {
    let hostile = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    assert!(!text.contains(hostile), "{what}: {text:?}");
}

#[test]
fn nothing_that_others_named_commands_a_terminal() {
    let (site, _) = Site::with_history();
    let cluster = format!("{NAME}=http://localhost:2380");
    let named = ["--name", NAME, "--initial-cluster", &cluster];
    for output in ["table", "json"] {
        let run = site.run("restore", &[&named[..], &["--output", output]].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        is_safe("restore", &run.stdout);
        is_safe("restore", &run.stderr);
        let mut inspect = Command::new(env!("CARGO_BIN_EXE_etcdbrctl"));
        inspect
            .args(["inspect", "db", "--output", output])
            .arg(site.data_dir());
        let run = Run::of(inspect);
        assert!(run.stdout.contains("title"), "{}", run.stdout);
        is_safe("inspect", &run.stdout);
        fs::remove_dir_all(site.data_dir()).unwrap();
    }
    site.put("rtl\u{202e}gnp.exe", "x");
    for output in ["table", "json"] {
        let run = site.run("list", &["--output", output]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stdout.contains("gnp"), "{}", run.stdout);
        is_safe("list", &run.stdout);
        is_safe("list", &run.stderr);
        if output == "json" {
            let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
            assert!(
                document.to_string().contains('\u{202e}'),
                "the name is another now"
            );
        }
    }
    let run = site.run("restore", &["--snapshot", "none\u{1b}[31m\u{202e}"]);
    assert_eq!(run.code, Some(1));
    is_safe("an error", &run.stderr);
}

/// A file with the name of a backup, in which a byte had been spoilt by a copy through another file system,
/// was passed over without a word.
#[test]
fn a_name_that_looks_like_a_backup_and_is_none_is_told() {
    let (site, _) = Site::with_history();
    for spoilt in [&b"Full-0000\xff"[..], b"Incr-1\\2"] {
        let name = std::ffi::OsStr::from_bytes(spoilt);
        let file = site.store().join("v2").join(name);
        fs::write(&file, "x").unwrap();
        let run = site.run("list", &[]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stderr.contains("looks like a backup"), "{}", run.stderr);
        fs::remove_file(file).unwrap();
    }
}
