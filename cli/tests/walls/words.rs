//! One word for one thing: what docs/glossary.md has retired stands in no name and in no message.

use proc_macro2::{TokenStream, TokenTree};

use crate::{root, sources};

/// Words that are parts of no name, and what the thing is called.
const NAMES: [(&str, &str); 12] = [
    ("barren", "empty store"),
    ("stranger", "unrecognized object, untrusted certificate"),
    ("strangers", "unrecognized objects"),
    ("fate", "disposition"),
    ("kinship", "lineage"),
    ("occupant", "existing member"),
    ("unsaid", "unspecified"),
    ("patience", "retry policy, wait"),
    ("dress", "with_layers"),
    ("tries", "attempts"),
    ("errand", "job"),
    ("errands", "jobs"),
];

/// Phrases that stand in no message and in no doc comment, and what is said instead.
const PHRASES: [(&str, &str); 10] = [
    ("makes no sense", "unexpected response"),
    ("cannot work", "invalid configuration"),
    ("held against", "checked against"),
    ("second look", "post-write verification"),
    ("made again", "recreated"),
    ("bytes behind", "trailing data"),
    ("dead upload", "abandoned upload"),
    ("lead nowhere", "no state can be restored"),
    ("behind what was asked for", "past what was asked for"),
    ("behind the end", "after the end"),
];

/// What names the words to refuse them.
const THIS_FILE: &str = "cli/tests/walls/words.rs";

#[test]
fn retired_words_stand_in_no_name_and_no_message() {
    let mut told = Vec::new();
    for (file, text) in sources() {
        let shown = file.strip_prefix(root()).unwrap().display().to_string();
        if shown == THIS_FILE {
            continue;
        }
        let tokens: TokenStream = text.parse().unwrap();
        look(tokens, &mut |found, word, instead| {
            told.push(format!("{shown}: {found}: {word:?}: say {instead:?}"));
        });
    }
    assert!(told.is_empty(), "\n{}", told.join("\n"));
}

#[test]
fn a_retired_word_is_seen_wherever_it_stands() {
    let seen = |source: &str| {
        let mut words = Vec::new();
        look(source.parse().unwrap(), &mut |_, word, _| words.push(word));
        words
    };
    assert_eq!(seen("fn f() { let old_fate = 1; }"), ["fate"]);
    assert_eq!(seen("struct OldFate;"), ["fate"]);
    // Each of these passed: capitals were words of one letter, and phrases were sought in texts alone.
    assert_eq!(seen("const TRIES: u32 = 3;"), ["tries"]);
    assert_eq!(seen("fn second_look() {}"), ["second look"]);
    assert_eq!(
        seen("const X: &str = \"it makes no sense\";"),
        ["makes no sense"]
    );
    assert_eq!(
        seen("/// Made again, held against it.\nfn f() {}"),
        ["held against", "made again"]
    );
    assert!(seen("fn address() { let entries = \"the entries\"; }").is_empty());
}

/// Calls `found` with where it stands, the word and what to say for each that is retired.
fn look(tokens: TokenStream, found: &mut impl FnMut(&str, &'static str, &'static str)) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => look(group.stream(), found),
            TokenTree::Ident(ident) => {
                let name = ident.to_string();
                let parts = parts(&name);
                for (word, instead) in NAMES {
                    if parts.iter().any(|part| part == word) {
                        found(&name, word, instead);
                    }
                }
                let sentence = parts.join(" ");
                for (phrase, instead) in PHRASES {
                    if sentence.contains(phrase) {
                        found(&name, phrase, instead);
                    }
                }
            }
            TokenTree::Literal(literal) => {
                let text = literal.to_string().to_lowercase();
                for (phrase, instead) in PHRASES {
                    if text.contains(phrase) {
                        found(&text, phrase, instead);
                    }
                }
            }
            TokenTree::Punct(_) => {}
        }
    }
}

/// The words of a name, in lower case: `OldMember`, `old_member` and `OLD_MEMBER` have the same.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let in_capitals = !name.contains(char::is_lowercase);
    for c in name.chars() {
        if c == '_' || (c.is_uppercase() && !in_capitals) {
            parts.push(String::new());
        }
        if c != '_'
            && let Some(part) = parts.last_mut()
        {
            part.extend(c.to_lowercase());
        }
    }
    parts
}
