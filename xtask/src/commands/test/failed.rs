//! What a test program failed on, told again at the end of the run: where only the last lines of a long
//! output are kept, the names of programs alone say nothing of the cause.

use std::fmt;

/// Of what was printed, so many bytes of the end are told again for each program.
const MOST: usize = 12 << 10;

/// A test program that failed.
pub(super) struct Failed {
    /// As cargo names the program: `cli/tests/server/main.rs`.
    pub(super) name: String,
    ended: String,
    said: String,
}

impl Failed {
    /// `printed`: all of its output, in which the harness lists what failed at the end.
    pub(super) fn of(name: &str, ended: String, printed: &str) -> Self {
        Self {
            name: name.into(),
            ended,
            said: failures(printed),
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "FAILED: {}\n{}", self.ended, self.said)
    }
}

/// From the harness's first `failures:` on (libtest and libtest-mimic both print what each test said there), or the end
/// of a program that was killed before it listed any. Without the frames of backtraces, which the whole output has.
fn failures(printed: &str) -> String {
    let from = printed.find("\nfailures:\n").unwrap_or(0);
    let mut in_backtrace = false;
    let mut kept = Vec::new();
    for line in printed[from..].lines() {
        // The causes of an error are numbered as frames are.
        in_backtrace = match line.to_ascii_lowercase().contains("stack backtrace:") {
            true => true,
            false => in_backtrace && is_frame(line),
        };
        if !in_backtrace {
            kept.push(line);
        }
    }
    let text = kept.join("\n");
    let mut cut = text.len().saturating_sub(MOST);
    while !text.is_char_boundary(cut) {
        cut += 1;
    }
    text[cut..].to_owned()
}

/// `  12: name` or `             at path:line:column`.
fn is_frame(line: &str) -> bool {
    let inner = line.trim_start();
    let indented = inner.len() < line.len();
    let number = inner.split_once(": ").map(|(number, _)| number);
    let numbered =
        number.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()));
    indented && (numbered || inner.starts_with("at "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two programs failed in a run of which the last 130 lines were kept: those were frames of a panic that another
    /// test wanted, and nobody could say which tests had failed.
    #[test]
    fn what_failed_is_told_without_frames() {
        let printed = "running 2 tests\ntest fine ... ok\ntest bad ... FAILED\n\nfailures:\n\n---- bad stdout ----\n\
                       thread 'bad' panicked at cli/tests/a.rs:1:2:\nleft: 1\nCaused by:\n    0: the cause\n\nstack backtrace:\n   0: panic\n             at ./a.rs:1:2\n\n\
                       failures:\n    bad\n\ntest result: FAILED. 1 passed; 1 failed\n";
        let told = Failed::of("cli/tests/a.rs", "cli/tests/a.rs ended".into(), printed).to_string();
        assert!(told.contains("---- bad stdout ----"), "{told}");
        assert!(told.contains("left: 1"), "{told}");
        assert!(told.contains("0: the cause"), "{told}");
        assert!(!told.contains("0: panic"), "{told}");
        assert!(!told.contains("at ./a.rs"), "{told}");
        assert!(!told.contains("fine"), "{told}");
    }

    #[test]
    fn a_killed_program_is_told_by_its_end() {
        let printed = format!("{}the last line", "é".repeat(MOST));
        let told = failures(&printed);
        assert!(told.len() <= MOST, "{}", told.len());
        assert!(told.ends_with("the last line"));
    }
}
