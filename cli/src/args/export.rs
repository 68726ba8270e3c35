use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::Resettable::Reset;
use engine::export::{Existing, Place, Request};
use jiff::SignedDuration;

use super::restore::ReadingArgs;
use super::time::duration;
use super::{LineageArgs, StoreArgs, TargetArgs};

/// What stands for standard output in the place of a file.
const STANDARD_OUTPUT: &str = "-";

/// Flags of `export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// File to write; `-` for standard output
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: PathBuf,
    /// Replace FILE if it is there
    #[arg(long, help_heading = Reset)]
    force: bool,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[command(flatten)]
    lineage: LineageArgs,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Time to live of a lease of which the backup holds nothing but the id
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = duration, allow_hyphen_values = true)]
    unknown_lease_ttl: SignedDuration,
    /// Directory in which it is made for standard output, in a temporary file without a name; a FILE is made beside its place
    #[arg(long, value_name = "DIR", env = "TMPDIR", default_value = "/tmp")]
    temp_dir: PathBuf,
}

impl ExportArgs {
    /// Whether standard output gets the snapshot.
    pub(crate) fn to_standard_output(&self) -> bool {
        self.file == Path::new(STANDARD_OUTPUT)
    }

    pub(crate) fn request(&self) -> Request {
        let existing = match self.force {
            true => Existing::Replaced,
            false => Existing::Kept,
        };
        Request {
            target: self.target.target(),
            lineage: self.lineage.wanted(),
            reading: self.reading.reading_of(&self.target),
            unknown_lease_ttl: self.unknown_lease_ttl.as_secs(),
            place: match self.to_standard_output() {
                true => Place::Stream(self.temp_dir.clone()),
                false => Place::File(self.file.clone(), existing),
            },
        }
    }
}
