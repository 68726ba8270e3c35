use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::{Builder, Runtime};

use crate::{Case, Context, Failure, Outcome, Target};

/// Set to a number to repeat a run with the same prefixes, bytes and order of writers.
const SEED: &str = "CONFORMANCE_SEED";

/// Names, with commas between them, of targets that must be there: one that is not configured is
/// then a failure, not a case that is left out.
const REQUIRED: &str = "REQUIRE_TARGETS";

/// Set, to anything, to have the cases run that write a lot.
const LARGE: &str = "CONFORMANCE_LARGE";

/// Set, to anything, to leave what cases have written: on servers that are thrown away, removing it object by object took as
/// long as the cases.
const LEAVE: &str = "CONFORMANCE_LEAVE";

/// Cases at work at once, unless `--test-threads` says otherwise.
const AT_ONCE: usize = 12;

/// How often a case is begun that a call keeps from its end which may be repeated.
const ROUNDS: u32 = 3;

/// Runs every case on every target, each as a test of its own, with the arguments of `cargo test`.
pub fn run(targets: Vec<Target>) -> ExitCode {
    let seed = seed();
    // Who cannot print will not miss it: it is in the message of every failure too.
    let _ = writeln!(io::stdout(), "{SEED}={seed}");
    let runtime = match Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => Arc::new(runtime),
        Err(error) => {
            let _ = writeln!(io::stderr(), "cannot start the runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    let required = variable(REQUIRED).unwrap_or_default();
    let required: Vec<_> = required.split(',').map(str::trim).collect();
    let mut trials = Vec::new();
    for target in &targets {
        if let Some(wanted) = target.wants() {
            trials.push(absent(target, wanted, required.contains(&target.family())));
            continue;
        }
        for case in target.cases() {
            trials.push(match target.gap(case.name) {
                Some(why) => gap(target, case, why),
                None => trial(target, case, seed, &runtime),
            });
        }
        let asked = variable(LARGE).is_some();
        let large = target.large().map(|case| match asked {
            true => trial(target, case, seed, &runtime),
            false => gap(target, case, "set CONFORMANCE_LARGE to write so much"),
        });
        trials.extend(large);
    }
    // Thousands of objects each: begun first, or one slow server is waited for alone at the end.
    trials.sort_by_key(|trial| !trial.name().contains("::every_page_"));
    let mut arguments = Arguments::from_args();
    // Cases wait for stores, not for processors.
    arguments.test_threads.get_or_insert(AT_ONCE);
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Nobody has said where the target is. That is seen in the list of tests, and where somebody
/// relies on the target it is a failure.
fn absent(target: &Target, wanted: &str, is_required: bool) -> Trial {
    let name = format!("{}::set_{wanted}_to_test_it", target.name());
    let message = format!(
        "{REQUIRED} names {}, and {wanted} is not set",
        target.family()
    );
    Trial::test(name, move || Err(Failed::from(message))).with_ignored_flag(!is_required)
}

/// The server cannot; the list of tests says so.
fn gap(target: &Target, case: &Case, why: &'static str) -> Trial {
    let name = format!("{}::{} ({why})", target.name(), case.name);
    Trial::test(name, move || Err(Failed::from(why))).with_ignored_flag(true)
}

fn trial(target: &Target, case: &Case, seed: u64, runtime: &Arc<Runtime>) -> Trial {
    let (target, case, runtime) = (target.clone(), *case, runtime.clone());
    let is_left = variable(LEAVE).is_some();
    let name = format!("{}::{}", target.name(), case.name);
    Trial::test(name, move || {
        let outcome = runtime.block_on(async {
            let opened = target.open().await;
            let store = opened.map_err(|error| Failure::new(format!("cannot open: {error}")))?;
            let context = Context::of_case(store, seed, &case);
            match is_left {
                true => told(&case, hold(&case, context).await),
                false => run_case(&case, context).await,
            }
        });
        outcome.map_err(|failure| Failed::from(format!("{failure} ({SEED}={seed})")))
    })
}

/// Runs one case, or its other side when the store does not claim what it needs, and cleans up as
/// well as it can: the next run has another prefix. A case that was begun again says so.
pub async fn run_case(case: &Case, context: Context) -> Outcome {
    let held = hold(case, context.clone()).await;
    let _ = context.clean().await;
    told(case, held)
}

/// What came of it; that it was begun again is said.
fn told(case: &Case, held: Held) -> Outcome {
    for why in &held.begun_again {
        let _ = writeln!(io::stderr(), "{} was begun again: {why}", case.name);
    }
    held.outcome
}

/// What came of a case.
#[derive(Debug)]
pub struct Held {
    /// Of the last time it was begun.
    pub outcome: Outcome,
    /// Why it was begun again, each time.
    pub begun_again: Vec<Failure>,
}

/// Runs one case, or its other side, and leaves what it has written where it is. A connection that
/// breaks says nothing about the store: where the store itself says that a call may be repeated, the
/// case is, in a corner of its own.
pub async fn hold(case: &Case, context: Context) -> Held {
    let mut outcome = once(case, context.clone()).await;
    let mut begun_again = Vec::new();
    for round in 2..=ROUNDS {
        match outcome {
            Err(failure) if failure.may_pass() => {
                begun_again.push(failure);
                outcome = once(case, context.within(round)).await;
            }
            _ => break,
        }
    }
    Held {
        outcome,
        begun_again,
    }
}

async fn once(case: &Case, context: Context) -> Outcome {
    if case.needs.is_claimed(context.store.capabilities()) {
        (case.run)(context).await
    } else {
        case.needs.is_refused(&context).await
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the harness is the command line of its tests"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn seed() -> u64 {
    variable(SEED)
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(|| fastrand::u64(..))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use snapstore::memory::MemoryStore;
    use snapstore::{Error, ErrorKind};

    use super::*;
    use crate::{CaseFuture, Need, all, large, of_retention};

    fn reset() -> Error {
        Error::new(ErrorKind::Unexpected, "put", "connection reset")
    }

    fn ends(case: Case) -> Held {
        let context = Context::new(Arc::new(MemoryStore::new()), 7);
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(hold(&case, context))
    }

    const fn case(run: fn(Context) -> CaseFuture) -> Case {
        Case {
            name: "harness::case",
            needs: Need::Nothing,
            run,
        }
    }

    /// Cases of one run of `etcdbrctl conformance` shared a corner, and a put that one had dropped arrived
    /// in the listing of the next: "2 of 1 are listed", and a directory that kept every promise was called
    /// broken in one of ten runs.
    #[test]
    fn every_case_has_a_corner_of_its_own() {
        let store: Arc<MemoryStore> = Arc::new(MemoryStore::new());
        let cases: Vec<_> = all().chain(of_retention()).chain(large()).collect();
        let corner = |case: &&Case| {
            let context = Context::of_case(store.clone(), 7, case);
            context.prefix().to_owned()
        };
        let corners: BTreeSet<_> = cases.iter().map(corner).collect();
        assert_eq!(corners.len(), cases.len());
    }

    /// A server that was busy with other cases closed a connection, and a promise was called broken.
    #[test]
    fn a_connection_that_breaks_is_no_broken_promise() {
        let first_breaks = case(|t| {
            Box::pin(async move {
                let key = t.key("written");
                t.put(&key, "first").await?;
                match t.prefix().ends_with("round-2/") {
                    true => Ok(()),
                    false => Err(reset().retryable().into()),
                }
            })
        });
        let held = ends(first_breaks);
        assert_eq!((held.outcome, held.begun_again.len()), (Ok(()), 1));
        // Also where an error is what is due, and another one came.
        let other_error = case(|t| {
            Box::pin(async move {
                let answer = match t.prefix().ends_with("round-2/") {
                    true => Error::new(ErrorKind::AlreadyExists, "put", ""),
                    false => reset().retryable(),
                };
                t.refused::<()>("put", Err(answer), ErrorKind::AlreadyExists)
            })
        });
        let held = ends(other_error);
        assert_eq!((held.outcome, held.begun_again.len()), (Ok(()), 1));
        let all_break = case(|_| Box::pin(async { Err(reset().retryable().into()) }));
        let held = ends(all_break);
        assert!(held.outcome.is_err_and(|failure| failure.may_pass()));
        assert_eq!(held.begun_again.len(), 2);
        let for_good = case(|t| {
            Box::pin(async move {
                match t.prefix().contains("round-") {
                    true => Ok(()),
                    false => Err(reset().into()),
                }
            })
        });
        let held = ends(for_good);
        assert!(held.outcome.is_err_and(|failure| !failure.may_pass()));
        assert!(held.begun_again.is_empty());
    }
}
