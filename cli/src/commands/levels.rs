//! What `compact --levels` prints.

use std::io;

use engine::compact::levels::{Group, Levels, Outcome};
use engine::size::{bytes, counted};

use crate::args::Format;
use crate::error::{Error, Result};
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};

/// What could not be deleted is an error, after the report.
pub(super) fn show_levels(levels: &Levels, format: Format) -> Result<()> {
    for warning in &levels.warnings {
        tracing::warn!("{warning}");
    }
    match format {
        Format::Json => print_json(levels)?,
        Format::Table | Format::Wide => ignore_broken_pipe(print(&mut screen(format), levels))?,
    }
    match levels.failed {
        0 => Ok(()),
        failed => Err(Error::new(format!(
            "the store could not delete {}; run it again",
            counted(failed, "delta that was merged", "deltas that were merged")
        ))),
    }
}

fn print(out: &mut Screen, levels: &Levels) -> io::Result<()> {
    if levels.groups.is_empty() {
        return out.text(
            "",
            "There is nothing to merge: no two deltas of a closed chain follow on each other and are small enough",
        );
    }
    for group in &levels.groups {
        out.text("", title(group))?;
        for part in &group.parts {
            out.text("  ", part)?;
        }
    }
    match levels.dry_run {
        true => out.text("", "Nothing was changed."),
        false => {
            let deleted = counted(
                levels.deleted,
                "delta that is merged",
                "deltas that are merged",
            );
            out.text("", format!("Deleted {deleted}."))
        }
    }
}

fn title(group: &Group) -> String {
    let range = format!("{}..{}", group.first_revision, group.last_revision);
    let (parts, before) = (
        counted(group.parts.len(), "delta", "deltas"),
        bytes(group.part_bytes),
    );
    let name = group.snapshot.as_deref().unwrap_or_default();
    match group.outcome {
        Outcome::WouldMerge => format!("{range}: {parts} ({before}) would become one:"),
        Outcome::WouldDelete => {
            format!("{range}: {parts} ({before}) would be compared with {name}, and go:")
        }
        Outcome::Merged => {
            let after = bytes(group.stored_bytes.unwrap_or_default());
            format!("{range}: {parts} ({before}) are {name} ({after}):")
        }
    }
}
