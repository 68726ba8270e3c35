//! `-w simple`: a key and its value, a line each.

use std::io::{self, IsTerminal, Write};

use engine::get::{Answer, Kind, Version};

use crate::args::GetArgs;
use crate::kube_object::described;
use crate::screen::shown_bytes;

pub(super) fn print(
    out: &mut dyn Write,
    answer: &Answer,
    shown: usize,
    args: &GetArgs,
) -> io::Result<()> {
    if args.count_only {
        return writeln!(out, "{}", answer.versions.len());
    }
    let versions = answer.versions.iter().take(shown);
    versions
        .into_iter()
        .try_for_each(|version| one(out, version, args))
}

fn one(out: &mut dyn Write, version: &Version, args: &GetArgs) -> io::Result<()> {
    if args.history {
        let what = match version.kind {
            Kind::Put => "PUT",
            Kind::Tombstone => "DELETE",
        };
        write!(out, "{} {what} ", version.revision.main)?;
    }
    if !args.print_value_only {
        line(out, &version.key)?;
    }
    let Some(value) = &version.value else {
        return Ok(());
    };
    match args.decode.then(|| described(value)).flatten() {
        Some(object) => line(out, object.as_bytes()),
        None => line(out, value),
    }
}

/// As it is into a pipe; at a terminal with everything escaped that would command it.
fn line(out: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    match io::stdout().is_terminal() {
        true => writeln!(out, "{}", shown_bytes(bytes)),
        false => {
            out.write_all(bytes)?;
            out.write_all(b"\n")
        }
    }
}
