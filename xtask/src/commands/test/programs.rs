//! The test programs of the workspace, built by cargo and named by it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// One that cargo built, or its run of the examples in the documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    /// As cargo names it, with its crate: `cli/tests/server/main.rs`.
    pub(super) name: String,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Runs in the directory of its crate, as under `cargo test`.
    Built { executable: PathBuf, room: PathBuf },
    /// `cargo test --doc`.
    Examples,
}

impl Program {
    /// How it is begun, without its variables.
    pub(super) fn command(&self) -> Command {
        match &self.kind {
            Kind::Built { executable, room } => {
                let mut command = Command::new(executable);
                command.current_dir(room);
                command
            }
            Kind::Examples => {
                let mut command = cargo();
                command.args(["test", "--locked", "--workspace", "--doc"]);
                command
            }
        }
    }
}

/// Builds what `selection` names, all if it names nothing.
pub(super) fn build(selection: &[String]) -> Result<Vec<Program>> {
    let output = cargo()
        .args(["test", "--locked", "--workspace", "--no-run"])
        .args(["--message-format", "json-render-diagnostics"])
        .args(selection)
        .stderr(Stdio::inherit())
        .output()
        .context("run cargo test --no-run")?;
    ensure!(output.status.success(), "the tests do not build");
    let mut programs = named(&String::from_utf8(output.stdout)?)?;
    if selection.is_empty() {
        programs.push(Program {
            name: "examples of the documentation".into(),
            kind: Kind::Examples,
        });
    }
    Ok(programs)
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Those that cargo's messages name, one JSON document a line (The Cargo Book, "External tools": an
/// artifact of a test has `profile.test` and `executable`).
fn named(messages: &str) -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    for line in messages.lines() {
        let message: Value =
            serde_json::from_str(line).with_context(|| format!("a message of cargo: {line}"))?;
        if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
            continue;
        }
        let field = |value: &Value, name: &str| {
            let text = value.as_str().map(str::to_owned);
            text.with_context(|| format!("cargo names no {name}: {line}"))
        };
        let executable = field(&message["executable"], "executable")?;
        let manifest = PathBuf::from(field(&message["manifest_path"], "manifest_path")?);
        let source = PathBuf::from(field(&message["target"]["src_path"], "src_path")?);
        let room = manifest
            .parent()
            .context("a manifest without a directory")?;
        programs.push(Program {
            name: short(&source, room),
            kind: Kind::Built {
                executable: executable.into(),
                room: room.to_owned(),
            },
        });
    }
    Ok(programs)
}

/// `cli/tests/list.rs`, for a source below the directory of its crate.
fn short(source: &Path, room: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let from_root = root.and_then(|root| source.strip_prefix(root).ok());
    let below = from_root.or_else(|| source.strip_prefix(room).ok());
    below.unwrap_or(source).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_tests_is_named() -> Result<()> {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","manifest_path":"/w/cli/Cargo.toml","#,
            r#""target":{"src_path":"/w/cli/src/main.rs"},"profile":{"test":false},"executable":"/t/etcdbrctl"}"#,
            "\n",
            r#"{"reason":"compiler-artifact","manifest_path":"/w/cli/Cargo.toml","#,
            r#""target":{"src_path":"/w/cli/tests/list.rs"},"profile":{"test":true},"executable":"/t/list-1"}"#,
            "\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        let expected = Program {
            name: "tests/list.rs".into(),
            kind: Kind::Built {
                executable: "/t/list-1".into(),
                room: "/w/cli".into(),
            },
        };
        assert_eq!(named(messages)?, [expected]);
        Ok(())
    }

    /// A message that is not understood could be a test program that is then never run.
    #[test]
    fn what_is_not_understood_is_an_error() {
        assert!(named("Compiling cli").is_err());
        let without = r#"{"reason":"compiler-artifact","profile":{"test":true},"executable":null}"#;
        let error = named(without).unwrap_err().to_string();
        assert!(error.contains("executable"), "{error}");
    }
}
