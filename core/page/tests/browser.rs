//! The page in every state, as Chromium shows it: no finding of axe, no message of the console, no request elsewhere, in light and dark,
//! wide and at 320 px.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]
#![allow(dead_code, reason = "the states are those of what is said, too")]

mod states;

use std::path::PathBuf;

use page::{View, Window, document, policy};
use testkit::browser::{Browser, Page};

#[test]
fn every_state_can_be_read_by_everybody() {
    let states = states::all();
    let shown = |(name, known): &(&'static str, page::Known)| Page {
        name,
        html: document(&View::of(known, Window::All)),
    };
    let pages: Vec<Page> = states.iter().map(shown).collect();
    assert!(pages.len() > 12);
    // To be looked at by whoever changes it.
    let screenshots = std::env::var_os("SCREENSHOTS").map(PathBuf::from);
    let browser = Browser::bring().unwrap();
    let findings = browser
        .check(&pages, policy(), screenshots.as_deref())
        .unwrap();
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// A check that finds nothing in anything shows nothing.
#[test]
fn what_is_wrong_is_found() {
    let (_, known) = states::all().remove(0);
    let whole = document(&View::of(&known, Window::All));
    let spoilt = [
        (
            "foreign",
            whole.replacen(
                "<main",
                "<img alt=\"\" src=\"http://127.0.0.2/x.png\"><main",
                1,
            ),
            "asks for",
        ),
        (
            "unlabelled",
            whole.replacen("<main", "<button></button><main", 1),
            "axe: button-name",
        ),
        (
            "styled",
            whole.replacen("<main", "<p style=\"color: red\">x</p><main", 1),
            "console",
        ),
        (
            "wide",
            whole.replacen("<main", "<svg width=\"2000\" height=\"1\"></svg><main", 1),
            "wider than the screen",
        ),
    ];
    let browser = Browser::bring().unwrap();
    for (name, html, finding) in spoilt {
        assert_ne!(html, whole);
        let findings = browser
            .check(&[Page { name, html }], policy(), None)
            .unwrap();
        assert!(
            findings.iter().any(|one| one.contains(finding)),
            "{name}: {findings:?}"
        );
    }
}
