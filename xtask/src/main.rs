//! `cargo xtask COMMAND`: the project's own tasks. One file per command.

mod bench;
mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run()
}
