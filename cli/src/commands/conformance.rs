//! `conformance`: the suite of this project, on a store of the user's own. It keeps to a prefix that
//! nobody else has, and removes it.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::time::{Duration, UNIX_EPOCH};

use conformance_tests::{Case, Context, all, hold, remove_all};
use engine::session::Session;
use engine::size::counted;
use serde::Serialize;
use snapstore::{Bytes, ErrorKind, Key, ObjectId, PutOptions};

use crate::args::{ConformanceArgs, Format, StoreArgs};
use crate::error::{Error, Result};
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::{progress, session};

/// What came of a run.
#[derive(Debug, Serialize)]
struct Report {
    /// Where it was done.
    location: String,
    cases: Vec<CaseReport>,
    /// How many of them came to what.
    summary: Summary,
    /// Objects that could not be removed afterwards; none for a run that writes nothing.
    left_behind: u64,
    /// Why nobody knows whether more is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_cleaned: Option<String>,
    /// It was ended by a signal before all cases had run.
    interrupted: bool,
}

/// Cases by their results.
#[derive(Debug, Default, Serialize)]
struct Summary {
    kept: usize,
    broken: usize,
    not_offered: usize,
    not_tried: usize,
}

impl Summary {
    fn count(&mut self, result: CaseResult) {
        let counted = match result {
            CaseResult::Kept => &mut self.kept,
            CaseResult::Broken => &mut self.broken,
            CaseResult::NotOffered => &mut self.not_offered,
            CaseResult::NotTried => &mut self.not_tried,
        };
        *counted += 1;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kept,
            broken,
            not_offered,
            not_tried,
        } = self;
        match not_tried {
            0 => write!(f, "{kept} kept, {broken} broken, {not_offered} not offered"),
            not_tried => write!(
                f,
                "{}, nothing was tried",
                counted(*not_tried, "case", "cases")
            ),
        }
    }
}

/// One case, and what came of it.
#[derive(Debug, Serialize)]
struct CaseReport {
    case: &'static str,
    result: CaseResult,
    /// What the store did instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    /// The calls for which it was begun again, which the store said may be repeated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    begun_again: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum CaseResult {
    Kept,
    Broken,
    /// The store does not say that it can, and refuses as it should.
    NotOffered,
    /// Only listed.
    NotTried,
}

impl CaseResult {
    fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Broken => "BROKEN",
            Self::NotOffered => "not offered",
            Self::NotTried => "would try",
        }
    }
}

/// Tests the store against the contract.
pub(crate) fn run(args: &ConformanceArgs, format: Format) -> Result<()> {
    let cases: Vec<_> = all()
        .filter(|case| case.name.contains(&args.case))
        .collect();
    if cases.is_empty() {
        let message = format!(
            "no case has {:?} in its name; --dry-run without --case lists them all",
            args.case
        );
        return Err(Error::new(message));
    }
    let report = session::run(&args.store, on_trial(args, format, &cases))?;
    if format == Format::Json {
        print_json(&report)?;
    }
    report.verdict()
}

async fn on_trial(args: &ConformanceArgs, format: Format, cases: &[&Case]) -> Result<Report> {
    let seed = RandomState::new().hash_one(0);
    let store = under_random_prefix(&args.store, seed);
    let session = session::open(&store, progress::observer()).await?;
    if !args.dry_run {
        is_writable(&session).await?;
    }
    let mut report = Report {
        location: session.store.location().to_string(),
        cases: Vec::new(),
        summary: Summary::default(),
        left_behind: 0,
        not_cleaned: None,
        interrupted: false,
    };
    let lines = format != Format::Json;
    if lines {
        let (write, remove) = match args.dry_run {
            true => ("would write", "remove"),
            false => ("writes", "removes"),
        };
        let where_to = format!("{write} under {} and {remove} its objects", report.location);
        let cases = counted(cases.len(), "case", "cases");
        let mut out = screen(format);
        ignore_broken_pipe(out.text("", format!("{cases}; {where_to}")))?;
        ignore_broken_pipe(out.line(""))?;
    }
    for case in cases {
        let Some(verdict) = one(args, &session, case, seed).await else {
            report.interrupted = true;
            break;
        };
        if lines {
            ignore_broken_pipe(print(&mut screen(format), &verdict))?;
        }
        report.summary.count(verdict.result);
        report.cases.push(verdict);
    }
    if !args.dry_run {
        clean(&session, &mut report).await;
    }
    if lines {
        let mut out = screen(format);
        ignore_broken_pipe(out.line(""))?;
        ignore_broken_pipe(out.text("", report.summary.to_string()))?;
    }
    Ok(report)
}

/// Who may not write was told that the store breaks all promises but one.
async fn is_writable(session: &Session) -> Result<()> {
    let store = &*session.store;
    let key = Key::new("may-it-be-written").map_err(|error| Error::new(error.to_string()))?;
    let put = store.put(&key, Bytes::from_static(b"?"), PutOptions::default());
    match put.await {
        Err(error) if error.kind() == ErrorKind::Denied => Err(Error::new(format!(
            "nothing was tried: the suite writes, and may not here: {error}"
        ))),
        // Anything else is for a case to judge.
        _ => {
            let _ = store.delete(&ObjectId::from(key)).await;
            Ok(())
        }
    }
}

/// The same store, confined to a prefix with a random name: not even what sweeps the whole store
/// can reach a backup.
fn under_random_prefix(store: &StoreArgs, seed: u64) -> StoreArgs {
    let mut confined = store.clone();
    let prefix = &mut confined.store_prefix;
    prefix.truncate(prefix.trim_end_matches('/').len());
    if !prefix.is_empty() {
        prefix.push('/');
    }
    prefix.push_str(&format!("etcdbr-conformance-{seed:016x}"));
    confined
}

/// `None` when a signal came first.
async fn one(
    args: &ConformanceArgs,
    session: &Session,
    case: &Case,
    seed: u64,
) -> Option<CaseReport> {
    let mut verdict = CaseReport {
        case: case.name,
        result: CaseResult::NotTried,
        why: None,
        begun_again: Vec::new(),
    };
    if args.dry_run {
        return Some(verdict);
    }
    let context = Context::of_case(session.store.clone(), seed, case);
    let held = tokio::select! {
        () = session.cancel.cancelled() => return None,
        held = hold(case, context.clone()) => held,
    };
    // What stays is counted in the end.
    let _ = context.clean().await;
    let offered = case.needs.is_claimed(session.store.capabilities());
    verdict.result = match held.outcome {
        Err(_) => CaseResult::Broken,
        Ok(()) if offered => CaseResult::Kept,
        Ok(()) => CaseResult::NotOffered,
    };
    verdict.why = held.outcome.err().map(|why| why.to_string());
    verdict.begun_again = held.begun_again.iter().map(ToString::to_string).collect();
    Some(verdict)
}

/// After this long nothing arrives any more that was dropped.
const SETTLED: Duration = Duration::from_millis(500);

async fn clean(session: &Session, report: &mut Report) {
    // In 2106 by any clock: every upload under the prefix is one of ours, and idle.
    let ever = UNIX_EPOCH + Duration::from_secs(u32::MAX.into());
    let swept = session.store.sweep(ever).await;
    // A put that a case has dropped may still be on its way.
    let _ = remove_all(&*session.store, "").await;
    session.clock.sleep(SETTLED).await;
    match remove_all(&*session.store, "").await {
        Ok(left) => report.left_behind = left,
        Err(error) => report.not_cleaned = Some(error.to_string()),
    }
    if let Err(error) = swept {
        report.not_cleaned = Some(error.to_string());
    }
}

fn print(out: &mut Screen, verdict: &CaseReport) -> io::Result<()> {
    out.text(&format!("{:11}  ", verdict.result.word()), verdict.case)?;
    let under = " ".repeat(13);
    for why in &verdict.begun_again {
        out.text(&under, format!("begun again: {why}"))?;
    }
    match &verdict.why {
        Some(why) => out.text(&under, why),
        None => Ok(()),
    }
}

impl Report {
    /// What the operator has to remove.
    fn left(&self) -> Option<String> {
        let Self { location, .. } = self;
        match (&self.not_cleaned, self.left_behind) {
            (Some(why), _) => Some(format!("look for what is left under {location}: {why}")),
            (None, 0) => None,
            (None, left) => Some(format!(
                "{} under {location} could not be removed: remove what is there",
                counted(
                    usize::try_from(left).unwrap_or(usize::MAX),
                    "object",
                    "objects"
                )
            )),
        }
    }

    /// The last word: an error when a promise is broken or the trial did not come to its end.
    fn verdict(&self) -> Result<()> {
        let Self { location, .. } = self;
        let left = self.left();
        if let Some(left) = &left {
            tracing::warn!("{left}");
        }
        let tried = self.cases.len();
        match self.summary.broken {
            0 if self.interrupted => Err(Error::new(format!(
                "interrupted after {}, none of them broken",
                counted(tried, "case", "cases")
            ))),
            // Whose script goes on would not know that something of ours stays and costs.
            0 => left.map_or(Ok(()), |left| {
                Err(Error::new(format!("no promise is broken, but {left}")))
            }),
            broken => Err(Error::new(format!(
                "{location} breaks {broken} of {} that were tried: do not keep backups there",
                counted(tried, "promise", "promises")
            ))),
        }
    }
}
