//! docs/errors.md: what each error means, by its message. It is made of the messages and what the sources say of them, so that none is
//! missing and none is out of date: `UPDATE_EXPECT=1 cargo test --workspace --test errors_docs` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprLit, Lit, Meta};
use testkit::sources::shipped;

const HEAD: &str = "\
# Errors

What each error means, by its message: search here for a piece of what was printed. `{name}` stands for what is told there.

An error line reads `error: what failed: why`, and a second sentence or a `hint:` says what to do. [troubleshooting.md](troubleshooting.md) begins with what
was seen; exit codes are in the [README](../README.md).

This page is made by a test of the errors that the sources define. What stores, etcd, the machine and a format say for themselves is passed on in them, and stands here only as `{…}`: search for the words around it.
";

/// Where errors come from, in the order of the page.
const PARTS: [(&str, &str); 32] = [
    ("core/engine/src/backups", "Backups in a store"),
    ("core/engine/src/encryption", "Encryption"),
    ("core/engine/src/restore", "restore"),
    ("core/engine/src/initialize", "initialize"),
    ("core/engine/src/validate", "validate"),
    ("core/engine/src/recover_quorum", "recover-quorum"),
    ("core/engine/src/snapshot", "snapshot"),
    ("core/engine/src/verify", "verify"),
    ("core/engine/src/get", "get"),
    (
        "core/engine/src/keyspace",
        "get, diff and extract: the keys",
    ),
    ("core/engine/src/diff", "diff"),
    ("core/engine/src/extract", "extract"),
    ("core/engine/src/import", "import"),
    ("core/engine/src/export", "export"),
    ("core/engine/src/drill", "drill"),
    ("core/engine/src/compact", "compact"),
    ("core/engine/src/copy", "copy"),
    ("core/engine/src/gc", "gc"),
    ("core/engine/src/keys", "keys"),
    ("core/engine/src/defragment", "defragment"),
    ("core/engine/src/inspect", "inspect"),
    ("core/engine/src", "All commands"),
    ("core/etcd", "Files of etcd"),
    ("core/bolt", "Databases of etcd (bbolt)"),
    ("core/client", "etcd that runs"),
    ("core/server", "server"),
    ("core/kubernetes", "Kubernetes"),
    ("core/snapstore", "Stores"),
    ("core/cloud", "Stores over HTTP"),
    ("core/plugin", "Plugins"),
    ("backends", "Single providers"),
    ("cli/src", "The command line"),
];

/// A message, and what the sources say of it.
struct Told {
    message: String,
    means: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[derive(Default)]
struct Messages(Vec<Told>);

impl Messages {
    fn take(&mut self, attributes: &[Attribute], of_type: &str) {
        let Some(message) = attributes.iter().find_map(message) else {
            return;
        };
        let said: String = attributes.iter().filter_map(doc).collect();
        let means = match said.trim() {
            "" => of_type.to_owned(),
            said => said.to_owned(),
        };
        self.0.push(Told { message, means });
    }
}

impl<'ast> Visit<'ast> for Messages {
    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        let of_type: String = item.attrs.iter().filter_map(doc).collect();
        for variant in &item.variants {
            self.take(&variant.attrs, of_type.trim());
        }
        visit::visit_item_enum(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.take(&item.attrs, "");
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        // Errors of tests are printed by nobody.
        if item.ident != "tests" {
            visit::visit_item_mod(self, item);
        }
    }
}

/// What `#[error("…")]` prints.
fn message(attribute: &Attribute) -> Option<String> {
    if !attribute.path().is_ident("error") {
        return None;
    }
    let Meta::List(list) = &attribute.meta else {
        return None;
    };
    let first = list.tokens.clone().into_iter().next()?;
    let text: syn::LitStr = syn::parse2(first.into()).ok()?;
    Some(text.value()).filter(|message| has_words(message))
}

/// Whether anything but what is told there stands in a message.
fn has_words(message: &str) -> bool {
    let mut depth = 0_u32;
    message.chars().any(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && c.is_alphabetic()
    })
}

fn doc(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// Without links of rustdoc, which a page does not have.
fn plain(text: &str) -> String {
    let text = text.replace("[`", "`").replace("`]", "`");
    let mut plain = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once("`(") {
        let (target, then) = after.split_once(')').unwrap_or((after, ""));
        plain.push_str(before);
        plain.push('`');
        if !target.contains("::") {
            let _ = write!(plain, "({target})");
        }
        rest = then;
    }
    plain.push_str(rest);
    plain
}

fn cell(text: &str) -> String {
    plain(text).replace('|', "\\|").replace('\n', " ")
}

#[test]
fn each_error_is_on_its_page() {
    let mut parts: BTreeMap<usize, Vec<Told>> = BTreeMap::new();
    for path in shipped(&root()).unwrap() {
        let relative = path.strip_prefix(root()).unwrap().to_str().unwrap();
        let mut messages = Messages::default();
        messages.visit_file(&syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap());
        if messages.0.is_empty() {
            continue;
        }
        let part = PARTS
            .iter()
            .position(|(below, _)| relative.starts_with(below));
        let part = part.unwrap_or_else(|| unreachable!("{relative} is in no part of the page"));
        parts.entry(part).or_default().extend(messages.0);
    }
    let mut page = HEAD.to_owned();
    let mut count = 0;
    for (part, told) in parts {
        let _ = write!(
            page,
            "\n## {}\n\n| message | what it means |\n|---|---|\n",
            PARTS[part].1
        );
        for one in told {
            count += 1;
            let _ = writeln!(page, "| {} | {} |", cell(&one.message), cell(&one.means));
        }
    }
    assert!(count > 300, "only {count} errors were found");
    expect_file![root().join("docs/errors.md")].assert_eq(&page);
}
