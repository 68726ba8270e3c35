//! The four words of the initialization, and who resets them: pure.
//!
//! etcd-wrapper asks for the word each second. `New` makes it start an initialization, `Successful` makes it start
//! etcd, and it takes everything else for work in progress, `Failed` too. So what has ended is told once and is
//! `New` after that: a failed initialization begins again, and a success is not the word for the next start of etcd.

use std::time::Duration;

/// What etcd-wrapper is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Nothing has begun.
    New,
    /// It is under way.
    Progress,
    /// etcd may start.
    Successful,
    /// It did not come about.
    Failed,
}

impl Word {
    /// As it is written in the body of an answer.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "New",
            Self::Progress => "Progress",
            Self::Successful => "Successful",
            Self::Failed => "Failed",
        }
    }
}

/// How an initialization ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Done,
    Failed,
    /// This process stops. The next one begins again.
    Interrupted,
}

/// What to do: begin after this time. The word is `Progress` meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Begin {
    pub(super) after: Duration,
}

/// After one that failed, the next one waits for so long, and twice as long after each other one.
const FIRST_WAIT: Duration = Duration::from_secs(5);

/// What was wrong may have been mended, so it is never waited for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Machine {
    word: Word,
    /// One after another.
    failures: u32,
}

impl Machine {
    pub(super) fn new() -> Self {
        Self {
            word: Word::New,
            failures: 0,
        }
    }

    pub(super) fn word(&self) -> Word {
        self.word
    }

    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    /// Somebody wants it to start. It does only from `New`: an answer that was lost makes them ask twice, and an end
    /// that nobody has read yet is for them.
    pub(super) fn start(&mut self) -> Option<Begin> {
        if self.word != Word::New {
            return None;
        }
        self.word = Word::Progress;
        Some(Begin {
            after: wait(self.failures),
        })
    }

    /// Somebody asks for the word. An end is told once.
    pub(super) fn read(&mut self) -> Word {
        let word = self.word;
        if matches!(word, Word::Successful | Word::Failed) {
            self.word = Word::New;
        }
        word
    }

    /// What was begun has ended.
    pub(super) fn end(&mut self, end: End) {
        if self.word != Word::Progress {
            return;
        }
        (self.word, self.failures) = match end {
            End::Done => (Word::Successful, 0),
            End::Failed => (Word::Failed, self.failures.saturating_add(1)),
            End::Interrupted => (Word::New, self.failures),
        };
    }
}

fn wait(failures: u32) -> Duration {
    match failures.checked_sub(1) {
        None => Duration::ZERO,
        Some(doubled) => {
            let factor = 1_u32.checked_shl(doubled).unwrap_or(u32::MAX);
            FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT)
        }
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
