use std::path::{Path, PathBuf};

use engine::backups::{SnapshotName, Target};

use super::number::at_least;
use super::time::moment;

/// A state, in one word.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StateWord {
    /// A state of the store.
    Backup(Target),
    /// One database in a file.
    File(PathBuf),
    /// The etcd that runs.
    Live,
}

/// What is said of a word that is none of them.
const WORDS: &str = "a state is `latest`, a revision, a time (2026-11-22T09:13:06Z), the name of a snapshot, the path of a file, or \
                     `live`";

/// Reads such a word. What has a slash in it is the path of a file, whatever it is called.
pub(super) fn state(text: &str) -> Result<StateWord, String> {
    let begins = |with: fn(&u8) -> bool| text.as_bytes().first().is_some_and(with);
    match text {
        "latest" => Ok(StateWord::Backup(Target::Latest)),
        "live" => Ok(StateWord::Live),
        path if path.contains('/') => Ok(StateWord::File(path.into())),
        number if number.bytes().all(|byte| byte.is_ascii_digit()) && !number.is_empty() => {
            at_least(number, 1).map(|revision| StateWord::Backup(Target::Revision(revision)))
        }
        name if SnapshotName::parse(name).is_ok() => {
            Ok(StateWord::Backup(Target::Snapshot(name.to_owned())))
        }
        file if Path::new(file).is_file() => Ok(StateWord::File(file.into())),
        time if begins(u8::is_ascii_digit) => {
            let time = moment(time).map_err(|why| format!("{why}; {WORDS}"))?;
            Ok(StateWord::Backup(Target::Time(time)))
        }
        _ => Err(WORDS.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_means_one_state() {
        let backup = |target| Ok(StateWord::Backup(target));
        assert_eq!(state("latest"), backup(Target::Latest));
        assert_eq!(state("live"), Ok(StateWord::Live));
        assert_eq!(state("8217"), backup(Target::Revision(8217)));
        let name = "Full-00000000-00001354-1795338849.gz";
        assert_eq!(state(name), backup(Target::Snapshot(name.to_owned())));
        let time = "2026-11-22T09:13:06Z";
        assert_eq!(state(time), backup(Target::Time(time.parse().unwrap())));
        for path in ["./8217", "/live", "./latest", "no/such"] {
            assert_eq!(state(path), Ok(StateWord::File(path.into())));
        }
        for wrong in [
            "",
            "0",
            "-5",
            "newest",
            "2026-11-22T09:13:06",
            "99999999999999999999",
        ] {
            assert!(state(wrong).is_err(), "{wrong}");
        }
        let told = state("2026-11-22T09:13:06").unwrap_err();
        assert!(told.contains("offset") && told.contains("`live`"), "{told}");
    }
}
