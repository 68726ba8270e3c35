use std::io;

use engine::keys::{
    Checked, KeyLine, Listed, Opens, RotatedKey, Rotation, Turned, check, list, rotate,
};
use engine::size::counted;

use crate::args::{CheckKeysArgs, Format, KeysVerb, ListKeysArgs, RotateArgs, StoreKeysArgs};
use crate::error::{Error, Result};
use crate::keyring::recipients;
use crate::printed::{ignore_broken_pipe, print_json};
use crate::screen::{Screen, screen};
use crate::{progress, session, table};

/// Does what was asked for with the keys of a store.
pub(crate) fn run(args: &StoreKeysArgs, format: Format) -> Result<()> {
    match &args.what {
        KeysVerb::List(args) => listed(args, format),
        KeysVerb::Rotate(args) => rotated(args, format),
        KeysVerb::Check(args) => checked(args, format),
    }
}

fn listed(args: &ListKeysArgs, format: Format) -> Result<()> {
    let listed = session::run(&args.store, async {
        let session = session::open(&args.store, progress::observer()).await?;
        Ok(list(&session).await?)
    })?;
    for missing in &listed.without_key {
        tracing::warn!("{}: {}", missing.object, missing.why);
    }
    match format {
        Format::Json => print_json(&listed),
        Format::Table | Format::Wide => {
            ignore_broken_pipe(print_list(&mut screen(format), &listed))
        }
    }
}

fn print_list(out: &mut Screen, listed: &Listed) -> io::Result<()> {
    let rows: Vec<_> = listed.keys.iter().map(row).collect();
    table::print(
        out,
        ["KEY", "RECIPIENTS", "OPENS", "OBJECTS", "FULLS"],
        &rows,
    )?;
    let keys = counted(listed.keys.len(), "key", "keys");
    let (location, plain) = (&listed.location, listed.plain);
    let plain = counted(plain, "snapshot is", "snapshots are");
    out.line("")?;
    out.text("", format!("{keys} in {location}; {plain} not encrypted"))
}

fn row(key: &KeyLine) -> [String; 5] {
    let opens = match key.opens {
        Opens::Yes => "yes",
        Opens::No => "no",
        Opens::Unknown => "?",
    };
    [
        key.id.clone(),
        key.recipients
            .map_or("?".to_owned(), |count| count.to_string()),
        opens.to_owned(),
        key.objects.to_string(),
        key.fulls.join(" "),
    ]
}

fn rotated(args: &RotateArgs, format: Format) -> Result<()> {
    let to = recipients(&args.encrypt_recipients)?;
    let rotation = session::run(&args.store, async {
        let session = session::open(&args.store, progress::observer()).await?;
        Ok(rotate(&session, (&to, args.readers()), args.mode()).await?)
    })?;
    match format {
        Format::Json => print_json(&rotation)?,
        Format::Table | Format::Wide => {
            ignore_broken_pipe(print_rotation(&mut screen(format), &rotation))?;
        }
    }
    match rotation.failed {
        0 => Ok(()),
        failed => Err(Error::new(format!(
            "{} not rotated; one that no identity opens may be for the new recipients already",
            counted(failed, "key was", "keys were")
        ))),
    }
}

fn print_rotation(out: &mut Screen, rotation: &Rotation) -> io::Result<()> {
    let row = |key: &RotatedKey| {
        let what = match key.outcome {
            Turned::Rotated => "rotated",
            Turned::WouldRotate => "would be rotated",
            Turned::Failed => "failed",
        };
        [
            key.key.clone(),
            what.to_owned(),
            key.why.clone().unwrap_or_default(),
        ]
    };
    let rows: Vec<_> = rotation.keys.iter().map(row).collect();
    table::print(out, ["KEY", "WHAT", "WHY"], &rows)?;
    let done = rotation.keys.len() - rotation.failed;
    let keys = counted(done, "key", "keys");
    let recipients = counted(rotation.recipients, "recipient", "recipients");
    let (verb, apply) = match rotation.dry_run {
        true => ("would be", "; nothing was written: --apply does it"),
        false => ("is now", ""),
    };
    let verb = match (rotation.dry_run, done) {
        (false, 0 | 2..) => "are now",
        _ => verb,
    };
    out.line("")?;
    let location = &rotation.location;
    out.text(
        "",
        format!("{keys} {verb} for {recipients}, in {location}{apply}"),
    )
}

fn checked(args: &CheckKeysArgs, format: Format) -> Result<()> {
    let checked = session::run(&args.store, async {
        let session = session::open(&args.store, progress::observer()).await?;
        Ok(check(&session).await?)
    })?;
    if checked.objects + checked.plain + checked.failed.len() == 0 {
        return Err(Error::new(format!(
            "nothing was checked: {} holds no snapshot; check the container and the prefix",
            checked.location
        )));
    }
    match format {
        Format::Json => print_json(&checked)?,
        Format::Table | Format::Wide => {
            ignore_broken_pipe(print_check(&mut screen(format), &checked))?;
        }
    }
    match checked.failed.len() {
        0 => Ok(()),
        failed => Err(Error::new(format!(
            "{} in {}; if the identity is right, bring the keys back from a copy of the store",
            counted(
                failed,
                "encrypted object cannot be read",
                "encrypted objects cannot be read"
            ),
            checked.location
        ))),
    }
}

fn print_check(out: &mut Screen, checked: &Checked) -> io::Result<()> {
    for failed in &checked.failed {
        out.text("", format!("{}: {}", failed.object, failed.why))?;
    }
    let keys = counted(checked.keys, "key opens", "keys open");
    let objects = counted(
        checked.objects,
        "encrypted object needs it",
        "encrypted objects need one",
    );
    let read = counted(checked.read.len(), "was", "were");
    let plain = counted(checked.plain, "snapshot is", "snapshots are");
    out.text(
        "",
        format!(
            "{keys}; {objects}, of which {read} read to the end; {plain} not encrypted; in {}",
            checked.location
        ),
    )
}
