//! Compactions that are killed.

use std::process::Stdio;

use serde_json::json;

use crate::run::{added, compacted, file_name};
use crate::support::timed::{took, wait};
use crate::support::{Site, contents};

/// Killed at any moment it leaves the new full, whole and described, or nothing that counts as a backup; and the next
/// one succeeds.
#[test]
fn a_kill_at_any_moment_leaves_a_whole_full_or_none() {
    let fresh = || Site::with_backup("e35-gzip");
    let site = fresh();
    let hash = site.restored_hash(&["--compact"]);
    let report = compacted(&site, &[]);
    let whole = site.read(&file_name(&report));
    let mut longest = took(|| {
        compacted(&fresh(), &[]);
    });
    let (mut random, mut before_the_end) = (fastrand::Rng::new(), 0);
    for _ in 0..60 {
        let site = fresh();
        let before = contents(&site.store());
        let mut command = site.command("compact", &[]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        wait(longest.mul_f64(random.f64()));
        child.kill().unwrap();
        child.wait().unwrap();
        let listed = site.run("list", &["-o", "json"]);
        assert_eq!(listed.code, Some(0), "{}", listed.stderr);
        let fulls = listed.stdout.matches("\"full\"").count();
        let new = added(&site, &before);
        let object = new.iter().find(|path| path.starts_with("v2/Full-"));
        if let Some(object) = object {
            let name = object.strip_prefix("v2/").unwrap();
            assert!(site.read(name) == whole, "{object} is not whole");
            assert!(new.contains(&format!("meta/{name}.json")), "{new:?}");
            longest = longest.mul_f64(0.95);
        } else {
            before_the_end += 1;
            longest = longest.mul_f64(1.05);
        }
        assert_eq!(
            fulls,
            1 + usize::from(object.is_some()),
            "{}",
            listed.stdout
        );
        compacted(&site, &[]);
        let restored = site.restore(&[]);
        assert_eq!(
            (&restored["hash_kv"], &restored["deltas"]),
            (&hash.into(), &json!([]))
        );
    }
    println!("{before_the_end} of 60 were killed before the full was there");
    assert!(
        (10..60).contains(&before_the_end),
        "the moments were not spread"
    );
}
