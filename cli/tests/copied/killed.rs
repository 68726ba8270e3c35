//! Copies on a server that are killed.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use crate::servers::{Commands, same, server};
use crate::{backup, copied, files, report_of};

/// How often one is killed, for each way.
const KILLS: usize = 8;

#[expect(
    clippy::disallowed_methods,
    reason = "how long a copy takes is measured"
)]
fn took(work: impl FnOnce() -> Result<(), String>) -> Result<Duration, String> {
    let began = Instant::now();
    work()?;
    Ok(began.elapsed())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the moment of a kill is what is tried"
)]
fn wait(delay: Duration) {
    std::thread::sleep(delay);
}

/// From one prefix of a server to another, by its service and through this machine: what is there after a kill is whole, the next run
/// brings the rest, and the source is what it was.
pub(crate) fn a_kill_at_any_moment_leaves_whole_objects_and_the_source_as_it_was(
    family: &str,
    runtime: &Runtime,
) -> Result<(), String> {
    let room = tempfile::tempdir().unwrap();
    let server = runtime.block_on(server(family, room.path()));
    let seed = fastrand::u64(..);
    let of = |name: &str| Commands::of_place(&server.place, format!("killed/{seed:016x}/{name}"));
    let (local, source) = (Commands::of_directory(&backup()), of("source"));
    copied(&local, &source)?;
    let all = files(&backup().join("v2"));
    let mut random = fastrand::Rng::with_seed(seed);
    for way in [&[][..], &["--stream"]] {
        let mut longest = took(|| {
            let whole = of(&format!("whole{}", way.len()));
            report_of(&source.copy_to(&whole, way)).map(drop)
        })?;
        let mut early = 0;
        for kill in 0..KILLS {
            let to = of(&format!("{}-{kill}", way.len()));
            let mut command = source.copying_to(&to, way);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = command.spawn().unwrap();
            wait(longest.mul_f64(random.f64()));
            child.kill().unwrap();
            let is_done = child.wait().unwrap().success();
            early += usize::from(!is_done);
            longest = longest.mul_f64(if is_done { 0.8 } else { 1.05 });
            // What is there is whole, or it would be refused.
            let report = copied(&source, &to)?;
            let there = |what: &str| report[what].as_u64().unwrap_or(0);
            same(
                "all",
                &(there("copied") + there("present")),
                &(all.len() as u64),
            )?;
            let back = room.path().join(format!("back{}-{kill}", way.len()));
            copied(&to, &Commands::of_directory(&back))?;
            same("the objects", &files(&back.join("v2")), &all)?;
        }
        eprintln!("{family} {way:?}: {early} of {KILLS} were killed before the end (seed {seed})");
        same("spread", &(early > 0), &true)?;
    }
    let back = room.path().join("source");
    copied(&source, &Commands::of_directory(&back))?;
    same("the source", &files(&back.join("v2")), &all)
}
