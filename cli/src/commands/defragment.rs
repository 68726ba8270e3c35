use std::io;

use engine::defragment::{Error as Failed, Line, Outcome, Report, Role, run as defragment};
use engine::size::bytes;
use snapstore::clock::SystemClock;

use crate::args::{DefragmentArgs, Format};
use crate::error::{Error, Result};
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::{etcd, hints, runtime, signals, table};

/// Defragments the members of a cluster. What was done before a failure is printed before it is told.
pub(crate) fn run(args: &DefragmentArgs, format: Format) -> Result<()> {
    let config = args.config().map_err(Error::new)?;
    let request = args.request(config.endpoints.clone());
    let runtime = runtime::start()?;
    let done: Result<_> = runtime.block_on(async {
        let cancel = signals::cancelled_by_signals()
            .map_err(|error| Error::new(format!("cannot listen for signals: {error}")))?;
        let etcd = etcd::connect(&cancel, config).await?;
        Ok(defragment(&*etcd, &request, &SystemClock, &cancel).await)
    });
    runtime::leave(runtime);
    match done? {
        Ok(report) => print(&report, format),
        Err(failed) => {
            if let Some(done) = failed.done().filter(|done| !done.members.is_empty()) {
                print(done, format)?;
            }
            Err(Error::from(failed))
        }
    }
}

impl From<Failed> for Error {
    fn from(failed: Failed) -> Self {
        Self::new(hints::after(&failed.to_string(), &failed.hints()))
    }
}

fn print(report: &Report, format: Format) -> Result<()> {
    match format {
        Format::Json => print_json(report),
        Format::Table | Format::Wide => ignore_broken_pipe(table(&mut screen(format), report)),
    }
}

fn table(out: &mut Screen, report: &Report) -> io::Result<()> {
    let rows: Vec<_> = report.members.iter().map(row).collect();
    table::print(out, ["MEMBER", "ROLE", "SIZE", "IN USE", "WHAT"], &rows)?;
    match &report.leadership_moved_to {
        Some(to) => out.text("", format!("{to} leads now")),
        None => Ok(()),
    }
}

fn row(line: &Line) -> [String; 5] {
    let role = match line.role {
        Role::Leader => "leader",
        Role::Follower => "follower",
        Role::Learner => "learner",
    };
    let what = match (line.outcome, line.size_after) {
        (Outcome::Defragmented, Some(after)) => format!("defragmented: {}", bytes(after)),
        (Outcome::Defragmented, None) => "defragmented".to_owned(),
        (Outcome::WouldDefragment, _) => "would be defragmented".to_owned(),
        (Outcome::LittleToGain, _) => "left: little to gain".to_owned(),
    };
    [
        line.member.clone(),
        role.to_owned(),
        bytes(line.size_before),
        bytes(line.in_use_before),
        what,
    ]
}
