//! The report that a drill has left, as the page wants it told.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;
use page::drill::{Drill, Verdict};
use serde::Deserialize;
use snapstore::printable;

/// Longer than any report.
const LONGEST: u64 = 16 << 20;

/// What of it is told.
#[derive(Deserialize)]
struct Report {
    verdict: Word,
    at: Timestamp,
    rto_ms: Option<u64>,
    why: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Passed,
    Differs,
    Failed,
}

/// What stands there now.
pub(super) fn drilled(report: &Path) -> Drill {
    let unreadable =
        |why: String| Drill::Unreadable(printable(&format!("{}: {why}", report.display())));
    let text = match read(report) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Drill::Never,
        Err(error) => return unreadable(error.to_string()),
    };
    let read: Report = match serde_json::from_slice(&text) {
        Ok(read) => read,
        Err(error) => return unreadable(format!("it is no report of a drill: {error}")),
    };
    Drill::Made {
        at: read.at,
        verdict: match read.verdict {
            Word::Passed => Verdict::Passed,
            Word::Differs => Verdict::Differs,
            Word::Failed => Verdict::Failed,
        },
        took: read.rto_ms.map(Duration::from_millis),
        why: read.why.map(|why| printable(&why)),
    }
}

fn read(report: &Path) -> io::Result<Vec<u8>> {
    // A pipe that somebody put there would never end.
    if !report.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut text = Vec::new();
    File::open(report)?.take(LONGEST).read_to_end(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_report_is_told() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("drill.json");
        assert_eq!(drilled(&path), Drill::Never);
        assert!(matches!(drilled(room.path()), Drill::Unreadable(_)));
        for other in [
            "",
            "{}",
            "{\"verdict\": \"well\", \"at\": \"2026-11-22T14:03:31Z\"}",
        ] {
            std::fs::write(&path, other).unwrap();
            assert!(matches!(drilled(&path), Drill::Unreadable(_)), "{other}");
        }
        let report = "{\"verdict\": \"differs\", \"at\": \"2026-11-22T14:03:31Z\", \"rto_ms\": 1500, \"why\": \"a\\u0007b\", \"more\": 1}";
        std::fs::write(&path, report).unwrap();
        let Drill::Made {
            verdict, took, why, ..
        } = drilled(&path)
        else {
            panic!("it is one");
        };
        assert_eq!(
            (verdict, took),
            (Verdict::Differs, Some(Duration::from_millis(1500)))
        );
        assert!(!why.unwrap().contains('\u{7}'));
    }
}
