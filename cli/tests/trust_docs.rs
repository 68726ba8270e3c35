//! docs/trust.md names a test for each promise. One that was renamed or removed would leave a promise that
//! nothing holds.

use std::fs;
use std::path::Path;

/// The words in backticks of a row, in order.
fn quoted(row: &str) -> impl Iterator<Item = &str> {
    row.split('`').skip(1).step_by(2)
}

#[test]
fn every_promise_names_tests_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/trust.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let mut tests = 0;
    for row in rows {
        let holds = row.trim_end_matches('|').rsplit('|').next().unwrap();
        if holds.trim() == "test" {
            continue;
        }
        let mut source = String::new();
        let before = tests;
        for word in quoted(holds) {
            match word.ends_with(".rs") {
                true => source = fs::read_to_string(root.join(word)).unwrap(),
                false => {
                    assert!(
                        source.contains(&format!("fn {word}(")),
                        "no {word} for: {row}"
                    );
                    tests += 1;
                }
            }
        }
        assert!(tests > before, "no test in: {row}");
    }
    assert!(tests > 30, "{tests}");
}
