//! What the page says in each state, as text, so that a change of it is read before it is made. After one that is meant,
//! `UPDATE_EXPECT=1 cargo test --workspace --test said` writes it anew.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
#![allow(dead_code, reason = "the states are those of the browser, too")]

mod states;

use std::fmt::Write as _;

use expect_test::expect_file;
use page::{Level, View, Window, document};

fn level(name: &str) -> (Level, String) {
    let states = states::all();
    let (_, known) = states.iter().find(|(state, _)| *state == name).unwrap();
    let sentence = View::of(known, Window::All).sentence;
    (
        sentence.level,
        format!("{} {}", sentence.text, sentence.detail),
    )
}

/// The content of a page without its elements, a line for each.
fn text(html: &str) -> String {
    let (_, body) = html.split_once("</head>").unwrap();
    let (body, _) = body.rsplit_once("<script>").unwrap();
    let mut lines = String::new();
    for piece in body.split('<') {
        let (_, text) = piece.split_once('>').unwrap_or(("", piece));
        if !text.trim().is_empty() {
            writeln!(lines, "{}", text.trim()).unwrap();
        }
    }
    lines
}

#[test]
fn in_each_state() {
    let mut said = String::new();
    for (name, known) in states::all() {
        let html = document(&View::of(&known, Window::All));
        // The table of chains is one row for each; two tell what all do.
        let text = text(&html);
        writeln!(said, "=== {name}\n\n{text}").unwrap();
    }
    expect_file!["states/said.txt"].assert_eq(&said);
}

#[test]
fn each_state_has_its_level() {
    for (name, meant) in [
        ("a-store", Level::Good),
        ("a-store-with-gaps", Level::Problem),
        ("a-store-with-lineages", Level::Problem),
        ("a-store-with-a-full-that-was-cut", Level::Problem),
        ("a-store-whose-key-is-missing", Level::Problem),
        ("a-store-after-a-drill", Level::Good),
        ("a-store-whose-drill-failed", Level::Problem),
        ("leader-at-work", Level::Good),
        ("leader-of-three", Level::Attention),
        ("restoring-with-numbers", Level::Working),
        ("leader-without-a-key", Level::Problem),
        ("leader-over-a-gap", Level::Problem),
        ("leader-over-nothing", Level::Problem),
        ("a-restore-that-failed", Level::Problem),
        ("a-store-that-is-empty", Level::Problem),
        ("a-store-that-is-down", Level::Problem),
        ("no-store", Level::Problem),
        ("not-listed-yet", Level::Unknown),
        ("before-etcd", Level::Unknown),
        ("before-etcd-of-a-new-cluster", Level::Unknown),
        ("restoring", Level::Working),
        ("leader", Level::Good),
        ("leader-with-troubles", Level::Problem),
        ("follower", Level::Good),
        ("clock-behind", Level::Attention),
    ] {
        let (level, said) = level(name);
        assert_eq!(level, meant, "{name}: {said}");
    }
}

/// What is only known from before is told as such.
#[test]
fn a_store_that_is_down_is_never_said_to_hold_what_it_held() {
    let (level, said) = level("a-store-that-is-down");
    assert_eq!(level, Level::Problem);
    assert!(
        said.contains("could be restored when it was last listed, 20 s ago"),
        "{said}"
    );
    assert!(said.contains("does not answer now"), "{said}");
    let (_, said) = self::level("follower");
    assert!(
        said.contains("https://etcd-main-0.etcd-main-peer.ns.svc:2379"),
        "{said}"
    );
}

/// A green sentence stood over a full of no bytes, over a store that was emptied, over a gap, over a chain without its key, and over a restore that had failed: what a sidecar
/// has stored is what it knows, and not what is there.
#[test]
fn what_is_not_there_any_more_is_not_said_to_be_restorable() {
    for (name, said, never) in [
        (
            "a-store-with-a-full-that-was-cut",
            "revision 796,700",
            "810,500",
        ),
        (
            "a-store-whose-key-is-missing",
            "revision 796,700",
            "810,500",
        ),
        ("leader-without-a-key", "revision 796,700", "812,345"),
        ("leader-over-a-gap", "revision 809,200", "812,345"),
        ("leader-over-nothing", "Nothing can be restored", "812,345"),
        (
            "a-restore-that-failed",
            "could not be made ready",
            "can be restored.",
        ),
    ] {
        let (_, told) = level(name);
        assert!(told.contains(said), "{name}: {told}");
        assert!(!told.contains(never), "{name}: {told}");
    }
}

/// The page said "last proven 25 min ago" over a chain that nobody could read any more.
#[test]
fn a_proof_of_what_is_gone_counts_for_nothing() {
    let states = states::all();
    let proven = |name: &str| {
        let (_, known) = states.iter().find(|(state, _)| *state == name).unwrap();
        let tiles = View::of(known, Window::All).tiles;
        let tile = tiles.into_iter().find(|tile| tile.name == "Last proven");
        tile.unwrap().value
    };
    assert_eq!(proven("leader"), "25 min ago");
    // That of the chain before is left.
    assert_eq!(proven("leader-without-a-key"), "23 h ago");
    assert_eq!(proven("leader-over-nothing"), "not what is left");
}

/// Whatever is in a store or in an error of it: it is text.
#[test]
fn nothing_that_comes_from_elsewhere_is_html() {
    let states = states::all();
    let (_, known) = states
        .iter()
        .find(|(name, _)| *name == "hostile-names")
        .unwrap();
    let html = document(&View::of(known, Window::All));
    assert!(html.matches("alert(1)").count() > 8);
    assert_eq!(html.matches("<script>").count(), 1);
    assert!(!html.contains("<script>alert"));
    for (name, known) in &states {
        let html = document(&View::of(known, Window::Day));
        assert!(!html.contains(" style="), "{name}");
        assert!(!html.contains("://www") && !html.contains("src="), "{name}");
    }
}
