use std::process::{Command, Output};

/// A finished run of the program.
#[derive(Debug)]
pub(crate) struct Run {
    /// `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(mut command: Command) -> Self {
        Self::from(command.output().unwrap())
    }

    /// Exit code 1, all of `words` on standard error, nothing on standard output.
    pub(crate) fn failed_with(&self, words: &[&str]) {
        let Self {
            code,
            stdout,
            stderr,
        } = self;
        assert_eq!(*code, Some(1), "{stdout}{stderr}");
        assert_eq!(stdout, "", "a failure printed a result");
        for word in words {
            assert!(stderr.contains(word), "no {word:?} in: {stderr}");
        }
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
