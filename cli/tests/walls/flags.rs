//! Only the command line knows how its flags are called: a server, an operator of Kubernetes and a plugin have
//! none. What is in `core` gives advice as data. Stores alone name the flags of their own configuration.

use std::fs;

use proc_macro2::{TokenStream, TokenTree};

use crate::{root, sources};

/// Flags of etcd, as whoever starts it writes them.
const OF_ETCD: &[&str] = &[
    "--enable-v2",
    "--initial-cluster-state",
    "--max-learners",
    "--snapshot-count",
    "--wal-dir",
];

/// What a store is configured with: the fields of `snapstore::StoreConfig`, which says by which of these
/// each is given. A store names them where its configuration is wrong, and nothing else may.
const OF_A_STORE: &[&str] = &[
    "--storage-provider",
    "--store-addressing-style",
    "--store-container",
    "--store-endpoint-override",
    "--store-prefix",
];

#[test]
fn no_text_of_core_names_a_flag() {
    let mut told = String::new();
    for (path, text) in sources() {
        let below = path.strip_prefix(root()).unwrap();
        let is_of_a_store = below.starts_with("backends") || below.starts_with("core/cloud");
        let is_ours = below.starts_with("core") || is_of_a_store;
        if !is_ours || !below.iter().any(|part| part == "src") {
            continue;
        }
        for literal in literals(&text) {
            for flag in flags(&literal) {
                if !(is_of_a_store && OF_A_STORE.contains(&flag)) {
                    told += &format!("{}: {flag} in {literal}\n", below.display());
                }
            }
        }
    }
    assert!(told.is_empty(), "\n{told}");
}

#[test]
fn each_flag_of_a_store_is_a_field_of_its_configuration() {
    let contract = root().join("core/snapstore/src/provider.rs");
    let contract = fs::read_to_string(contract).unwrap();
    for flag in OF_A_STORE {
        assert!(contract.contains(&format!("`{flag}`")), "{flag}");
    }
}

/// The text of string literals, those in attributes and macros too, but not of comments.
fn literals(text: &str) -> Vec<String> {
    let mut literals = Vec::new();
    collect(text.parse().unwrap(), &mut literals);
    literals
}

fn collect(tokens: TokenStream, literals: &mut Vec<String>) {
    let mut is_doc = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect(group.stream(), literals),
            TokenTree::Literal(literal) if !is_doc => literals.push(literal.to_string()),
            TokenTree::Literal(_) => is_doc = false,
            TokenTree::Ident(name) => is_doc = name == "doc",
            TokenTree::Punct(_) => {}
        }
    }
}

fn flags(literal: &str) -> impl Iterator<Item = &str> {
    let words = literal.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let is_flag = |word: &&str| {
        let name = word.strip_prefix("--");
        name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
    };
    words.filter(is_flag).filter(|flag| !OF_ETCD.contains(flag))
}

#[test]
fn a_flag_is_seen_wherever_it_is_written() {
    let text = "/// Not `--this`.\n#[error(\"nor --one\")]\nfn f() { g!(\"{} --two\", h(r\"--three=\")); }";
    let found = literals(text);
    let found: Vec<_> = found.iter().flat_map(|one| flags(one)).collect();
    assert_eq!(found, ["--one", "--two", "--three"]);
    assert_eq!(flags("\"a -- b --- c --max-learners 3\"").count(), 0);
}
