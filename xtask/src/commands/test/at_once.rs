//! Several test programs at one time, each one's output printed whole when it ends.

use std::fs::File;
use std::io::{Read, Seek};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use wait4::Wait4;

use super::failed::Failed;
use super::programs::{Kind, Program};

/// How a round is run.
pub(super) struct Round {
    /// Programs at one time.
    pub(super) at_once: u8,
    /// What each of them finds in its environment.
    pub(super) variables: Vec<(String, String)>,
}

/// Those that take minutes, the longest first, so that none of them is left alone at the end.
const LONG: [&str; 17] = [
    "conformance-tests/tests/conformance.rs",
    "cli/tests/snapshot/main.rs",
    "conformance-tests/tests/faults/main.rs",
    "cli/tests/server/main.rs",
    "cli/tests/seventh_provider.rs",
    "core/page/tests/browser.rs",
    "core/client/tests/etcd/main.rs",
    "cli/tests/damage_matrix.rs",
    "cli/tests/copied/main.rs",
    "conformance-tests/tests/customer_key.rs",
    "cli/tests/recover_quorum/main.rs",
    "cli/tests/providers.rs",
    "cli/tests/random_histories.rs",
    "cli/tests/initialize_fork.rs",
    "cli/tests/torn_log.rs",
    "core/engine/tests/bit_flips.rs",
    "examples of the documentation",
];

/// Runs all of them, and says which failed. All are run, whatever fails.
pub(super) fn run_all(programs: &[Program], round: &Round) -> Result<Vec<Failed>> {
    let programs = in_order(programs);
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..round.at_once)
            .map(|_| scope.spawn(|| work(&programs, &next, round)))
            .collect();
        let mut failed = Vec::new();
        for worker in workers {
            match worker.join() {
                Ok(of_worker) => failed.extend(of_worker?),
                Err(_) => bail!("a thread that ran test programs panicked"),
            }
        }
        Ok(failed)
    })
}

fn in_order(programs: &[Program]) -> Vec<Program> {
    let mut ordered = programs.to_vec();
    let rank = |program: &Program| LONG.iter().position(|long| *long == program.name);
    ordered.sort_by_key(|program| rank(program).unwrap_or(LONG.len()));
    ordered
}

/// Runs one after the other that nobody else has taken.
fn work(programs: &[Program], next: &AtomicUsize, round: &Round) -> Result<Vec<Failed>> {
    let mut failed = Vec::new();
    while let Some(program) = programs.get(next.fetch_add(1, Ordering::Relaxed)) {
        failed.extend(run_one(program, round).with_context(|| format!("run {}", program.name))?);
    }
    Ok(failed)
}

/// What it failed on, if it did. How long it took is told beside the time of CPU of it and of all that it started and waited for: what
/// is in no proportion waits.
#[expect(
    clippy::disallowed_methods,
    reason = "how long it took is shown to whoever waits"
)]
fn run_one(program: &Program, round: &Round) -> Result<Option<Failed>> {
    let mut output = tempfile::tempfile()?;
    let mut command = program.command();
    command.envs(round.variables.iter().cloned());
    command.stdin(Stdio::null());
    command.stdout(output.try_clone()?);
    command.stderr(output.try_clone()?);
    let begun = Instant::now();
    let used = command.spawn()?.wait4()?;
    let seconds = begun.elapsed().as_secs();
    let computing = (used.rusage.utime + used.rusage.stime).as_secs();
    let status = used.status;
    let printed = print_whole(
        &mut output,
        &format!(
            "     Ran {} ({seconds} s, {computing} s of CPU)",
            program.name
        ),
    )?;
    if status.success() {
        return Ok(None);
    }
    let ended = format!("{} ended with {status}{}", program.name, again(program));
    println!("FAILED: {ended}");
    Ok(Some(Failed::of(&program.name, ended, &printed)))
}

/// How the same is run alone.
fn again(program: &Program) -> String {
    match &program.kind {
        Kind::Built { executable, .. } => format!(" ({})", executable.display()),
        Kind::Examples => String::new(),
    }
}

/// One print, so that the lines of two programs do not mix. Returns what the program printed.
fn print_whole(output: &mut File, head: &str) -> Result<String> {
    output.rewind()?;
    let mut bytes = Vec::new();
    output.read_to_end(&mut bytes)?;
    let printed = String::from_utf8_lossy(&bytes).into_owned();
    println!("{head}\n{printed}");
    Ok(printed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(name: &str, executable: &str) -> Program {
        Program {
            name: name.into(),
            kind: Kind::Built {
                executable: executable.into(),
                room: "/".into(),
            },
        }
    }

    #[test]
    fn each_that_fails_is_named_and_the_others_run() -> Result<()> {
        let round = Round {
            at_once: 2,
            variables: Vec::new(),
        };
        let programs = [
            program("passes", "/bin/true"),
            program("fails", "/bin/false"),
            program("passes, too", "/bin/true"),
            program("fails, too", "/bin/false"),
        ];
        let failed = run_all(&programs, &round)?;
        let mut names: Vec<_> = failed.iter().map(|one| one.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["fails", "fails, too"]);
        Ok(())
    }

    /// One that cannot be begun has not passed.
    #[test]
    fn what_is_not_there_is_an_error() {
        let round = Round {
            at_once: 1,
            variables: Vec::new(),
        };
        let gone = [program("gone", "/nonexistent/test")];
        assert!(run_all(&gone, &round).is_err());
    }

    /// The suite of cli stood here for that of conformance-tests, and the longest program was begun last.
    #[test]
    fn what_is_named_is_there() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let sources = LONG.iter().filter(|name| name.ends_with(".rs"));
        let gone: Vec<_> = sources.filter(|name| !root.join(name).exists()).collect();
        assert!(gone.is_empty(), "{gone:?}");
    }

    #[test]
    fn the_long_ones_are_taken_first() {
        let programs = [
            program("cli/tests/list.rs", "a"),
            program("cli/tests/server/main.rs", "b"),
            program("conformance-tests/tests/conformance.rs", "c"),
        ];
        let ordered = in_order(&programs);
        let names: Vec<_> = ordered.iter().map(|one| one.name.as_str()).collect();
        let expected = [
            "conformance-tests/tests/conformance.rs",
            "cli/tests/server/main.rs",
            "cli/tests/list.rs",
        ];
        assert_eq!(names, expected);
    }
}
