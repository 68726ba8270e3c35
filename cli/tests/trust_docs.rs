//! docs/trust.md names a test for each promise, docs/compatibility.md for each line, docs/migration.md and docs/chart.md for what they rest
//! on. One that was renamed or removed would leave a promise that nothing holds.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::Path;

/// The words in backticks of a row, in order.
fn quoted(row: &str) -> impl Iterator<Item = &str> {
    row.split('`').skip(1).step_by(2)
}

/// The cells of a row. A bar with a backslash before it is a part of one.
fn cells(row: &str) -> Vec<String> {
    let inside = row.trim_start_matches('|').trim_end_matches('|');
    let hidden = inside.replace("\\|", "\0");
    let cells = hidden.split('|');
    cells.map(|cell| cell.trim().replace('\0', "\\|")).collect()
}

/// How many tests the last cells of the rows name, all of which are there. A row without one must be such that needs none.
fn named_tests(page: &str, needs_none: impl Fn(&[String]) -> bool) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let rows = page.lines().filter(|line| line.starts_with("| "));
    let mut tests = 0;
    for row in rows {
        let cells = cells(row);
        let holds = cells.last().unwrap();
        if holds == "test" {
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
        assert!(tests > before || needs_none(&cells), "no test in: {row}");
    }
    tests
}

fn read(page: &str) -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    fs::read_to_string(docs.join(page)).unwrap()
}

#[test]
fn every_promise_names_tests_that_are_there() {
    let tests = named_tests(&read("trust.md"), |_| false);
    assert!(tests > 30, "{tests}");
}

/// Two lines in three named no test: nobody would have heard of it, had they become wrong.
#[test]
fn every_line_of_compatibility_names_tests_that_are_there() {
    let is_absent =
        |cells: &[String]| cells.len() == 4 && ["left out", "not yet"].contains(&&*cells[1]);
    let tests = named_tests(&read("compatibility.md"), is_absent);
    assert!(tests > 300, "{tests}");
}

/// What stands in the table at the end of such a page.
fn rests_on(page: &str) -> usize {
    let page = read(page);
    let (_, rests) = page.split_once("## What this rests on").unwrap();
    named_tests(rests, |_| false)
}

#[test]
fn what_the_migration_rests_on_is_there() {
    assert!(rests_on("migration.md") > 5);
}

#[test]
fn what_the_chart_rests_on_is_there() {
    assert!(rests_on("chart.md") > 5);
}
