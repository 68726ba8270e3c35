//! The static program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// All but plugins: a static program cannot load them.
const FEATURES: &str = "local,s3,gcs,abs,swift,oss,conformance,kubernetes";

/// Builds it with the C library in it, without paths of this machine: the same sources make the same bytes.
pub(super) fn build(root: &Path) -> Result<PathBuf> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let home = match (std::env::var_os("CARGO_HOME"), std::env::var_os("HOME")) {
        (Some(home), _) => PathBuf::from(home),
        (None, Some(home)) => Path::new(&home).join(".cargo"),
        (None, None) => bail!("neither CARGO_HOME nor HOME is set"),
    };
    let home = home.display();
    let root = root.canonicalize()?;
    let flags = format!(
        "-C target-feature=+crt-static --remap-path-prefix={home}=/cargo --remap-path-prefix={}=/src",
        root.display()
    );
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--release", "--locked", "--package", "etcdbrctl"])
        .args(["--no-default-features", "--features", FEATURES])
        .args(["--target", &target])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(&root)
        .env("RUSTFLAGS", flags)
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

/// Whether it runs where there is nothing else: an ELF file that asks for no loader.
pub(super) fn is_static(program: &Path) -> Result<()> {
    let bytes = fs::read(program).with_context(|| format!("read {}", program.display()))?;
    let asks = loader(&bytes).with_context(|| format!("{}", program.display()))?;
    ensure!(
        !asks,
        "{} is no static program: it asks for a loader, which an image FROM scratch does not have",
        program.display()
    );
    Ok(())
}

/// Whether a program header of type PT_INTERP (3) is there (ELF-64, little endian: System V ABI, chapter 5).
fn loader(elf: &[u8]) -> Result<bool> {
    ensure!(
        elf.starts_with(b"\x7fELF\x02\x01"),
        "it is no 64-bit program of Linux"
    );
    let number = |at: usize, length: usize| -> Result<usize> {
        let bytes = elf.get(at..at + length).context("its header is cut")?;
        let mut whole = [0; 8];
        whole
            .get_mut(..length)
            .context("a number of ELF")?
            .copy_from_slice(bytes);
        Ok(usize::try_from(u64::from_le_bytes(whole))?)
    };
    let (first, size, count) = (number(0x20, 8)?, number(0x36, 2)?, number(0x38, 2)?);
    for place in 0..count {
        let header = size.checked_mul(place).and_then(|at| at.checked_add(first));
        if number(header.context("its header points nowhere")?, 4)? == 3 {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One that asks for a loader would not start in the image, and nothing but its start would tell.
    #[test]
    fn a_program_of_this_machine_is_not_static() {
        let shell = fs::read("/bin/sh").unwrap();
        assert!(loader(&shell).unwrap());
        assert!(loader(b"#!/bin/sh").is_err());
        assert!(loader(&shell[..0x30]).is_err());
    }
}
