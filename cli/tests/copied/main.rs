//! Copies into each provider's server, from one place of it to another, and back into a directory.
//!
//! A provider whose server nobody has named is listed as ignored, with the variable to set.
#![allow(clippy::print_stderr, reason = "a failure must be repeatable")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod by_service;
mod killed;
#[path = "../servers/mod.rs"]
mod servers;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Output};
use std::sync::Arc;

use libtest_mimic::Arguments;
use serde_json::Value;
use servers::{Commands, PROVIDERS, Server, same, server, trial, variable_of};
use testkit::emulators::accounts;
use testkit::proxy::{Fault, Match};
use testkit::stores;
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    let runtime = Arc::new(Runtime::new().unwrap());
    let of_provider = |family: &'static str| {
        let variable = variable_of(family);
        let name = "a_copy_is_what_its_source_is";
        trial(family, name, variable, &runtime, move |runtime| {
            through(family, runtime)
        })
    };
    let mut trials: Vec<_> = PROVIDERS.into_iter().map(of_provider).collect();
    for family in PROVIDERS {
        let variable = variable_of(family);
        let name = "what_the_service_copies_does_not_pass_here";
        trials.push(trial(family, name, variable, &runtime, move |runtime| {
            by_service::what_the_service_copies_does_not_pass_here(family, runtime)
        }));
    }
    for family in ["s3", "swift", "abs"] {
        let variable = variable_of(family);
        let name = "a_kill_at_any_moment_leaves_whole_objects_and_the_source_as_it_was";
        trials.push(trial(family, name, variable, &runtime, move |runtime| {
            killed::a_kill_at_any_moment_leaves_whole_objects_and_the_source_as_it_was(
                family, runtime,
            )
        }));
    }
    let minio = Some(stores::s3::VARIABLE);
    for (name, test) in [
        (
            "ecs_is_copied_by_its_own_variables",
            ecs as fn(&Runtime) -> _,
        ),
        ("a_bucket_that_retains_takes_a_copy", retained),
        (
            "a_service_that_refuses_is_passed_by",
            by_service::a_service_that_refuses_is_passed_by,
        ),
        (
            "a_source_that_refuses_is_not_empty",
            a_source_that_refuses_is_not_empty,
        ),
    ] {
        trials.push(trial("s3", name, minio, &runtime, test));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// The backup that the reference made of an etcd 3.5.1.
fn backup() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/backups/e35-gzip")
}

/// From the directory into the provider, there to another prefix, and back: each restores to the same, and the names of the
/// variables say whose credentials they are.
fn through(family: &str, runtime: &Runtime) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let server = runtime.block_on(server(family, room.path()));
    let local = Commands::of_directory(&backup());
    let [first, second] = places(&server);
    let back = Commands::of_directory(&room.path().join("back"));
    for (from, to) in [(&local, &first), (&first, &second), (&second, &back)] {
        let report = copied(from, to)?;
        same("what is left", &report["not_copied"], &0.into())?;
        let again = copied(from, to)?;
        same("there", &again["present"], &report["copied"])?;
        same("twice", &again["copied"], &0.into())?;
        let checked = report_of(&from.copy_to(to, &["--read-back"]))?;
        same("compared", &checked["present"], &report["copied"])?;
    }
    same(
        "the objects",
        &files(&backup().join("v2")),
        &files(&room.path().join("back/v2")),
    )?;
    let expected = local.restore(&room.path().join("here"));
    for (number, place) in [first, second].iter().enumerate() {
        let dir = room.path().join(format!("there-{number}"));
        same("the hash", &place.restore(&dir), &expected)?;
    }
    Ok(())
}

/// Two places on one server, so that a copy has two stores of one provider.
fn places(server: &Server) -> [Commands; 2] {
    let prefix = format!("copied/{:016x}", fastrand::u64(..));
    ["first", "second"].map(|name| Commands::of_place(&server.place, format!("{prefix}/{name}")))
}

fn report_of(output: &Output) -> Result<Value, String> {
    let told = String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned();
    same(&told, &output.status.code(), &Some(0))?;
    Ok(serde_json::from_slice(&output.stdout).unwrap())
}

fn copied(from: &Commands, to: &Commands) -> Result<Value, String> {
    report_of(&from.copy_to(to, &[]))
}

/// In etcd-backup-restore ECS has variables without a prefix alone, so that source and destination were one server.
fn ecs(runtime: &Runtime) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let server = runtime.block_on(server("s3", room.path()));
    let [first, second] = places(&server).map(|place| {
        let mut flags = place.flags.clone();
        flags[1] = "ECS".to_owned();
        let variables = vec![
            ("ECS_ENDPOINT", server.proxy.url().to_owned()),
            ("ECS_ACCESS_KEY_ID", accounts::MINIO_USER.to_owned()),
            ("ECS_SECRET_ACCESS_KEY", accounts::MINIO_PASSWORD.to_owned()),
        ];
        Commands { flags, variables }
    });
    let local = Commands::of_directory(&backup());
    copied(&local, &first)?;
    copied(&first, &second)?;
    // Half of them would send the key of one to the host of the other.
    let half = Commands {
        flags: first.flags.clone(),
        variables: first.variables[..1].to_vec(),
    };
    let output = half.copy_to(&second, &[]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    same(&told, &output.status.code(), &Some(1))?;
    same(&told, &told.contains("SOURCE_ECS_ACCESS_KEY_ID"), &true)
}

/// Where nothing can be deleted nothing has to be: an object is written once, and there when it is looked for again.
fn retained(runtime: &Runtime) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let places = runtime.block_on(stores::s3::places(room.path(), &mut |url| url.to_owned()));
    let place = places.into_iter().find(|place| place.retains).unwrap();
    let prefix = format!("copied/{:016x}", fastrand::u64(..));
    let kept = Commands::of_place(&place, prefix);
    let local = Commands::of_directory(&backup());
    let report = copied(&local, &kept)?;
    let again = copied(&local, &kept)?;
    same("there", &again["present"], &report["copied"])?;
    let [here, there] = ["here", "there"].map(|name| room.path().join(name));
    same("the hash", &kept.restore(&there), &local.restore(&here))
}

/// A listing that is refused is no empty source: a copy of nothing would have been a success.
fn a_source_that_refuses_is_not_empty(runtime: &Runtime) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let server = runtime.block_on(server("s3", room.path()));
    let local = Commands::of_directory(&backup());
    let [first, _] = places(&server);
    copied(&local, &first)?;
    let back = Commands::of_directory(&room.path().join("back"));
    let listing = Match::any().method("GET").target("list-type=2");
    server.proxy.inject(Fault::status(403), listing, 1000);
    let output = first.copy_to(&back, &[]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    same(&told, &output.status.code(), &Some(1))?;
    for word in ["the source", "permission denied"] {
        same(&told, &told.contains(word), &true)?;
    }
    same("made", &room.path().join("back").exists(), &false)
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let named = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    };
    entries.map(named).collect()
}
