//! The static program.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use testkit::program;

use super::machine::Machine;

/// All but plugins: a static program cannot load them.
pub(super) const FEATURES: &str = "local,s3,gcs,abs,swift,oss,conformance,kubernetes";

/// Builds it with the C library in it, without paths of this machine: the same sources make the same bytes.
pub(super) fn build(root: &Path, machine: Machine, features: &str) -> Result<PathBuf> {
    let root = root.canonicalize()?;
    let places = places(&root)?;
    let remapped = |flag: &str| -> String {
        let flags = places
            .iter()
            .map(|(place, name)| format!(" {flag}={}={name}", place.display()));
        flags.collect()
    };
    let mut rustflags =
        "-C target-feature=+crt-static".to_owned() + &remapped("--remap-path-prefix");
    let mut command = Command::new(cargo());
    if let Some(compiler) = machine.compiler() {
        rustflags += &format!(" -C linker={compiler}");
        command.env(
            format!("CC_{}", machine.triple().replace('-', "_")),
            compiler,
        );
    }
    let output = command
        .args(["build", "--release", "--locked", "--package", "etcdbrctl"])
        .args(["--no-default-features", "--features", features])
        .args(["--target", machine.triple()])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(&root)
        .env("RUSTFLAGS", rustflags)
        // What is written in C names its files in its own assertions.
        .env("CFLAGS", remapped("-ffile-prefix-map").trim_start())
        .stderr(Stdio::inherit())
        .output()
        .context("run cargo build")?;
    ensure!(output.status.success(), "the program does not build");
    String::from_utf8(output.stdout)?
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back()
        .context("cargo did not say where it put etcdbrctl")
}

fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Where sources of this build are, and what each place is called instead. Of several that fit the last one counts.
fn places(root: &Path) -> Result<[(PathBuf, &'static str); 3]> {
    let home = match (std::env::var_os("CARGO_HOME"), std::env::var_os("HOME")) {
        (Some(home), _) => PathBuf::from(home),
        (None, Some(home)) => Path::new(&home).join(".cargo"),
        (None, None) => bail!("neither CARGO_HOME nor HOME is set"),
    };
    // Build scripts write sources there.
    let metadata = program::run(
        Command::new(cargo())
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(root),
    )?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let target = metadata["target_directory"].as_str();
    let target = target.context("cargo did not say where it builds")?;
    Ok([
        (home, "/cargo"),
        (root.to_owned(), "/src"),
        (PathBuf::from(target), "/target"),
    ])
}

/// Whether it runs where there is nothing else: an ELF file of that machine that asks for no loader.
pub(super) fn is_static(program: &Path, machine: Machine) -> Result<()> {
    let bytes = fs::read(program).with_context(|| format!("read {}", program.display()))?;
    let header = header(&bytes).with_context(|| format!("{}", program.display()))?;
    ensure!(
        header.machine == machine.of_elf(),
        "{} is no program for {machine}",
        program.display()
    );
    ensure!(
        !header.asks_for_a_loader,
        "{} is no static program: it asks for a loader, which an image FROM scratch does not have",
        program.display()
    );
    Ok(())
}

/// What an ELF file says of itself.
struct Header {
    machine: u64,
    asks_for_a_loader: bool,
}

/// ELF-64, little endian: System V ABI, chapters 4 and 5. A program header of type PT_INTERP (3) names a loader.
fn header(elf: &[u8]) -> Result<Header> {
    ensure!(
        elf.starts_with(b"\x7fELF\x02\x01"),
        "it is no 64-bit program of Linux"
    );
    let number = |at: usize, length: usize| -> Result<u64> {
        let bytes = elf.get(at..at + length).context("its header is cut")?;
        let mut whole = [0; 8];
        whole
            .get_mut(..length)
            .context("a number of ELF")?
            .copy_from_slice(bytes);
        Ok(u64::from_le_bytes(whole))
    };
    let (first, size, count) = (number(0x20, 8)?, number(0x36, 2)?, number(0x38, 2)?);
    let mut asks_for_a_loader = false;
    for place in 0..count {
        let header = size.checked_mul(place).and_then(|at| at.checked_add(first));
        let header = usize::try_from(header.context("its header points nowhere")?)?;
        asks_for_a_loader |= number(header, 4)? == 3;
    }
    Ok(Header {
        machine: number(0x12, 2)?,
        asks_for_a_loader,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One that asks for a loader would not start in the image, and nothing but its start would tell.
    #[test]
    fn a_program_of_this_machine_is_not_static() {
        let shell = fs::read("/bin/sh").unwrap();
        let read = header(&shell).unwrap();
        assert!(read.asks_for_a_loader);
        assert_eq!(read.machine, Machine::here().unwrap().of_elf());
        assert!(header(b"#!/bin/sh").is_err());
        assert!(header(&shell[..0x30]).is_err());
    }
}
