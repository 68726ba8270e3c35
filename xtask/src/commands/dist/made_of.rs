use std::path::PathBuf;
use std::process::Command;

use super::machine::Machine;

/// What is made, and of what.
pub(super) struct Dist {
    /// Of the workspace.
    pub(super) version: String,
    pub(super) root: PathBuf,
    pub(super) to: PathBuf,
    pub(super) machine: Machine,
    /// What runs programs of that machine here, where they do not run by themselves.
    pub(super) emulator: Option<PathBuf>,
    /// Those of the program.
    pub(super) features: String,
    pub(super) program: PathBuf,
}

impl Dist {
    /// `etcdbrctl-1.2.3-linux-x86_64.tar.gz`, for this ending.
    pub(super) fn named(&self, ending: &str) -> PathBuf {
        let (version, machine) = (&self.version, self.machine);
        self.to
            .join(format!("etcdbrctl-{version}-linux-{machine}{ending}"))
    }

    /// The program, to be run on this machine.
    pub(super) fn command(&self) -> Command {
        match &self.emulator {
            None => Command::new(&self.program),
            Some(emulator) => {
                let mut command = Command::new(emulator);
                command.arg(&self.program);
                command
            }
        }
    }
}
