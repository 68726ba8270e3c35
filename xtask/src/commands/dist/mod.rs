//! `cargo xtask dist`: what is published, in one directory with checksums: a static program, an image, a Debian package, man pages,
//! completions, and the list of what all of it is made of.

mod archive;
mod ca_bundle;
mod deb;
mod image;
mod layer;
mod machine;
mod made_of;
mod manual;
mod program;
mod sbom;
mod sums;
mod tried;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use machine::Machine;
use made_of::Dist;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Directory that gets all of it; what is in it is replaced
    #[arg(long, value_name = "DIR", default_value = "target/dist")]
    to: PathBuf,
    /// Authorities that the image trusts: a file in PEM, as Debian's ca-certificates has it
    #[arg(
        long,
        value_name = "FILE",
        default_value = "/etc/ssl/certs/ca-certificates.crt"
    )]
    ca_bundle: PathBuf,
    /// Machine that it is for (default: this one); for another one a C compiler and an emulator must be here
    #[arg(long, value_enum, value_name = "TRIPLE")]
    target: Option<Machine>,
    /// Features of the program; a static one cannot load plugins
    #[arg(long, value_name = "LIST", default_value = program::FEATURES)]
    features: String,
    /// Build nothing, and take this static program
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Leave the Debian package and the list of components out, for which tools are built first
    #[arg(long)]
    without_tools: bool,
}

/// Makes all of it, and tries what can be tried on this machine.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let machine = args.target.or(Machine::here());
    let machine =
        machine.context("nothing is published for this machine: choose one with --target")?;
    let emulator = machine.emulator()?;
    let authorities = ca_bundle::read(&args.ca_bundle)?;
    let to = std::path::absolute(&args.to)?;
    if to.exists() {
        fs::remove_dir_all(&to).with_context(|| format!("empty {}", to.display()))?;
    }
    fs::create_dir_all(&to)?;
    let program = match &args.program {
        Some(program) => program.clone(),
        None => program::build(&root, machine, &args.features)?,
    };
    program::is_static(&program, machine)?;
    let dist = Dist {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        root,
        to,
        machine,
        emulator,
        features: args.features.clone(),
        program,
    };
    let papers = tempfile::tempdir()?;
    manual::write(&dist, papers.path())?;
    archive::write(&dist, papers.path())?;
    let digest = image::write(&dist, &authorities)?;
    println!("image {digest}");
    tried::in_the_image(&dist, &authorities)?;
    if !args.without_tools {
        deb::write(&dist, papers.path())?;
        sbom::write(&dist)?;
    }
    for line in sums::write(&dist.to)? {
        println!("{line}");
    }
    Ok(ExitCode::SUCCESS)
}
