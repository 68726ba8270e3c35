//! The tables of docs/sizing.md.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use expect_test::expect_file;
use snapstore::Sending;

use crate::day::day;
use crate::requests::Requests;
use crate::settings::{all, json_of_a_write};
use crate::steps::{Chain, Found, collection, delta, full, look, start, stop, thorough_look};

/// What stands between these is made here.
const BEGINS: &str = "<!-- made by cli/tests/sizing: ";
const ENDS: &str = "<!-- end -->";

fn of_steps() -> String {
    let part_size = Sending::default().part_size;
    let mut table =
        "| step | PUT | POST | LIST | GET | HEAD | DELETE |\n|---|---|---|---|---|---|---|\n"
            .to_owned();
    let mut row = |what: &str, requests| {
        let _ = writeln!(table, "| {what} | {} |", cells(requests));
    };
    row("a delta", delta(Chain::Deltas));
    row("a full of up to 5 MiB in the store", full(1, part_size));
    row("a full of 100 MiB", full(100 << 20, part_size));
    row("a full of 2 GiB", full(2 << 30, part_size));
    row(
        "once a minute: is the chain still there?",
        look(Chain::Deltas),
    );
    row(
        "once an hour instead: all of it, of 200 snapshots",
        thorough_look(Chain::Deltas, 200),
    );
    for (snapshots, deleted) in [(200, 180), (30_000, 1_000)] {
        let what = format!(
            "a collection that finds {} snapshots and deletes {}",
            grouped(snapshots),
            grouped(deleted)
        );
        row(&what, collection(Found { snapshots, deleted }));
    }
    row("a start that finds 200 snapshots", start(200));
    row("a stop", stop());
    table
}

fn of_days() -> String {
    let mut table = "| setting | fulls | deltas | PUT | POST | LIST | GET | HEAD | DELETE | GiB sent | snapshots kept | GiB kept |\n\
                     |---|---|---|---|---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for setting in all() {
        let day = day(&setting);
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | {} | {} |",
            setting.flags,
            grouped(day.fulls),
            grouped(day.deltas),
            cells(day.requests),
            gibibytes(day.sent),
            grouped(day.kept),
            gibibytes(day.stored),
        );
    }
    table
}

fn cells(requests: Requests) -> String {
    let Requests {
        put,
        post,
        list,
        get,
        head,
        delete,
    } = requests;
    [put, post, list, get, head, delete]
        .map(grouped)
        .join(" | ")
}

/// `12,345`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// With one digit after the point.
fn gibibytes(bytes: u64) -> String {
    let tenths = (bytes * 10 + (1 << 29)) >> 30;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The page with this text in the place of that between the marks.
fn with(page: &str, name: &str, text: &str) -> String {
    let begins = format!("{BEGINS}{name} -->\n");
    let (before, rest) = page.split_once(&begins).unwrap();
    let (_, after) = rest.split_once(ENDS).unwrap();
    format!("{before}{begins}\n{text}\n{ENDS}{after}")
}

/// `UPDATE_EXPECT=1 cargo test --workspace --test sizing` writes them anew.
#[test]
fn the_tables_of_the_page_are_planned() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/sizing.md");
    let page = fs::read_to_string(&path).unwrap();
    let page = with(&page, "steps", &of_steps());
    let page = with(&page, "days", &of_days());
    expect_file![path].assert_eq(&page);
    // What the page says of a write.
    let write = json_of_a_write();
    assert!(
        page.contains(&format!("{} bytes of JSON", grouped(write))),
        "{write}"
    );
}
