//! Copies that the service of both stores makes by itself.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use testkit::backup::with_hash;
use testkit::proxy::{Fault, Match};
use tokio::runtime::Runtime;

use crate::servers::{Commands, same, server};
use crate::{backup, copied, files, places, report_of};

/// A store of one full of so many bytes that cannot be compressed, with metadata; marked to be kept.
fn of_size(dir: &Path, mebibytes: usize) -> PathBuf {
    const NAME: &str = "Full-00000000-00000007-1800000007";
    let mut content = vec![0; mebibytes << 20];
    fastrand::fill(&mut content);
    let content = with_hash(content);
    let sha256: String = Sha256::digest(&content)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let metadata = json!({
        "format": 1, "snapshot": NAME, "kind": "full", "keep": true,
        "stored_bytes": content.len(), "stored_sha256": sha256,
    });
    for (below, bytes) in [
        (format!("v2/{NAME}"), content),
        (format!("meta/{NAME}.json"), metadata.to_string().into()),
    ] {
        let path = dir.join(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    dir.to_owned()
}

/// What is said of the full in a directory, without what is not said.
fn metadata(dir: &Path) -> Value {
    let (_, text) = files(&dir.join("meta")).pop_first().unwrap();
    let mut said: Value = serde_json::from_slice(&text).unwrap();
    said.as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    said
}

/// To another prefix and to another container, a short full and a long one: what passes here does not grow with it. It is the
/// same at the end, metadata too, and the source is what it was.
pub(crate) fn what_the_service_copies_does_not_pass_here(
    family: &str,
    runtime: &Runtime,
) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let server = runtime.block_on(server(family, room.path()));
    let seed = fastrand::u64(..);
    let mut carried = Vec::new();
    for mebibytes in [1, 12] {
        let local = of_size(&room.path().join(format!("local-{mebibytes}")), mebibytes);
        let prefix = |name: &str| format!("served/{seed:016x}/{mebibytes}/{name}");
        let first = Commands::of_place(&server.place, prefix("first"));
        copied(&Commands::of_directory(&local), &first)?;
        let elsewhere = server.others.iter().find(|place| {
            let is_same = place.provider.name == server.place.provider.name;
            is_same && !place.retains && place.container != server.place.container
        });
        let mut places = vec![Commands::of_place(&server.place, prefix("second"))];
        places.extend(elsewhere.map(|place| Commands::of_place(place, prefix("third"))));
        for (number, place) in places.iter().enumerate() {
            let before = server.proxy.carried();
            let report = copied(&first, place)?;
            let passed = server.proxy.carried() - before;
            same("by the service", &report["copied_by_service"], &1.into())?;
            same("copied", &report["copied"], &1.into())?;
            if number == 0 {
                carried.push(passed);
            }
            // Azure tells no checksum that it has made: what it copied is read, once.
            let read = if family == "abs" { mebibytes << 20 } else { 0 };
            let most = read as u64 + (200 << 10);
            if passed > most {
                return Err(format!(
                    "{mebibytes} MiB took {passed} bytes, and at most {most} are wanted"
                ));
            }
            let again = copied(&first, place)?;
            same("there", &again["present"], &1.into())?;
            // Read here, it is what it was; so is the source.
            for (name, from) in [("back", place), ("source", &first)] {
                let back = room.path().join(format!("{name}-{mebibytes}-{number}"));
                copied(from, &Commands::of_directory(&back))?;
                same("v2", &files(&back.join("v2")), &files(&local.join("v2")))?;
                same("meta", &metadata(&back), &metadata(&local))?;
            }
        }
        // As asked for.
        let streamed = Commands::of_place(&server.place, prefix("streamed"));
        let before = server.proxy.carried();
        let report = report_of(&first.copy_to(&streamed, &["--stream"]))?;
        same("by the service", &report["copied_by_service"], &0.into())?;
        let passed = server.proxy.carried() - before;
        // What Google's client sends does not say how long it is.
        let ways = if family == "gcs" { 1 } else { 2 };
        let least = (ways * mebibytes as u64) << 20;
        same("passed", &(passed >= least), &true)?;
    }
    eprintln!("{family}: {carried:?} bytes passed here for 1 and 12 MiB");
    Ok(())
}

/// A service that may copy and does not: said once, and all of it is there, through this machine.
pub(crate) fn a_service_that_refuses_is_passed_by(runtime: &Runtime) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let server = runtime.block_on(server("s3", room.path()));
    let local = Commands::of_directory(&backup());
    let [first, _] = places(&server);
    let expected = copied(&local, &first)?;
    for (number, status) in [403, 501].into_iter().enumerate() {
        let copying = Match::any().method("PUT").header("x-amz-copy-source");
        server.proxy.inject(Fault::status(status), copying, 1000);
        let prefix = format!("refused/{number}/{:016x}", fastrand::u64(..));
        let to = Commands::of_place(&server.place, prefix);
        let output = first.copy_to(&to, &[]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let report = report_of(&output)?;
        same("copied", &report["copied"], &expected["copied"])?;
        same("by the service", &report["copied_by_service"], &0.into())?;
        same("said", &told.matches("does not copy").count(), &1)?;
        server.proxy.clear();
        let again = report_of(&first.copy_to(&to, &["--read-back"]))?;
        same("there", &again["present"], &expected["copied"])?;
    }
    Ok(())
}
