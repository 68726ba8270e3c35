//! Flags of the log before the command. There `-v` alone is the version, as in the reference, and clap took it
//! for that with a command after it, too: `etcdbrctl -v gc` printed the version, collected nothing and ended with 0.

use std::ffi::OsString;

/// The arguments, those flags of the log that stand before the command moved to the end.
pub(crate) fn log_flags_last(args: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut args: Vec<OsString> = args.into_iter().collect();
    let mut end = 1;
    while let Some(taken) = args.get(end).and_then(arguments_of) {
        end += taken;
    }
    // Without a command after them they mean what they say alone.
    let has_command = args.get(end).is_some_and(|arg| !is_flag(arg));
    if end == 1 || !has_command {
        return args;
    }
    let moved: Vec<OsString> = args.drain(1..end).collect();
    let words_begin = args.iter().position(|arg| arg == "--");
    let at = words_begin.unwrap_or(args.len());
    args.splice(at..at, moved);
    args
}

/// How many arguments a flag of the log is; `None` for what is none.
fn arguments_of(arg: &OsString) -> Option<usize> {
    let arg = arg.to_str()?;
    let is_short = arg.len() > 1
        && arg.starts_with('-')
        && (arg[1..].bytes().all(|letter| letter == b'v') || arg == "-q");
    match arg {
        "--log-level" | "--log-format" => Some(2),
        "--quiet" | "--verbose" => Some(1),
        _ if is_short => Some(1),
        _ if arg.starts_with("--log-level=") || arg.starts_with("--log-format=") => Some(1),
        _ => None,
    }
}

fn is_flag(arg: &OsString) -> bool {
    arg.to_str().is_some_and(|arg| arg.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(line: &str) -> String {
        let args = line.split(' ').map(OsString::from);
        let args = log_flags_last(args);
        let args: Vec<_> = args.iter().map(|arg| arg.to_str().unwrap()).collect();
        args.join(" ")
    }

    #[test]
    fn a_command_after_them_has_them() {
        assert_eq!(
            moved("etcdbrctl -v gc --dry-run"),
            "etcdbrctl gc --dry-run -v"
        );
        assert_eq!(moved("etcdbrctl -q list dir"), "etcdbrctl list dir -q");
        assert_eq!(
            moved("etcdbrctl --log-level debug -vv inspect db -- file"),
            "etcdbrctl inspect db --log-level debug -vv -- file"
        );
        assert_eq!(
            moved("etcdbrctl --log-format=json list"),
            "etcdbrctl list --log-format=json"
        );
    }

    #[test]
    fn alone_they_stay() {
        for line in [
            "etcdbrctl",
            "etcdbrctl -v",
            "etcdbrctl -V",
            "etcdbrctl --version",
            "etcdbrctl -v --help",
            "etcdbrctl list -v",
            "etcdbrctl --log-level",
            "etcdbrctl -o json list",
        ] {
            assert_eq!(moved(line), line);
        }
    }
}
