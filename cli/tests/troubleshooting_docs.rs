//! docs/troubleshooting.md: what stands in its headings as printed is printed.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::Visit;
use testkit::sources::shipped;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All text of the sources, a literal a line.
#[derive(Default)]
struct Literals(String);

impl Visit<'_> for Literals {
    fn visit_lit_str(&mut self, text: &syn::LitStr) {
        self.0.push_str(&text.value());
        self.0.push('\n');
    }

    fn visit_attribute(&mut self, attribute: &syn::Attribute) {
        let tokens = match &attribute.meta {
            syn::Meta::List(list) if list.path.is_ident("error") => list.tokens.clone(),
            _ => return,
        };
        self.in_tokens(tokens);
    }

    fn visit_macro(&mut self, called: &syn::Macro) {
        self.in_tokens(called.tokens.clone());
    }
}

impl Literals {
    fn in_tokens(&mut self, tokens: proc_macro2::TokenStream) {
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Group(group) => self.in_tokens(group.stream()),
                proc_macro2::TokenTree::Literal(literal) => {
                    let text = syn::parse_str::<syn::LitStr>(&literal.to_string());
                    self.0.extend(text.ok().map(|text| text.value() + "\n"));
                }
                _ => {}
            }
        }
    }
}

/// Whoever searches for a message that was worded anew finds nothing.
#[test]
fn what_is_quoted_is_printed() {
    let page = fs::read_to_string(root().join("docs/troubleshooting.md")).unwrap();
    let mut literals = Literals::default();
    for path in shipped(&root()).unwrap() {
        let file = syn::parse_file(&fs::read_to_string(&path).unwrap()).unwrap();
        literals.visit_file(&file);
    }
    let headings = page.lines().filter_map(|line| line.strip_prefix("### `"));
    let quoted: Vec<_> = headings.map(|line| line.trim_end_matches('`')).collect();
    assert!(quoted.len() > 12, "{quoted:?}");
    for quote in quoted {
        for piece in quote.split(" … ") {
            assert!(
                literals.0.contains(piece),
                "{piece:?} is printed by nothing"
            );
        }
    }
}

/// A heading that a page names must be there, in every page of the documentation.
#[test]
fn links_between_pages_lead_somewhere() {
    let mut pages = Vec::new();
    for place in ["docs", "docs/recipes", "docs/decisions"] {
        let files = fs::read_dir(root().join(place)).unwrap();
        pages.extend(files.map(|file| file.unwrap().path()));
    }
    pages.push(root().join("README.md"));
    pages.push(root().join("ARCHITECTURE.md"));
    pages.push(root().join("CONTRIBUTING.md"));
    let mut broken = Vec::new();
    for page in pages
        .iter()
        .filter(|path| path.extension().is_some_and(|it| it == "md"))
    {
        let text = fs::read_to_string(page).unwrap();
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            if file.contains("://") || file.starts_with("mailto:") || file.contains([' ', '\n']) {
                continue;
            }
            let target = match file {
                "" => page.clone(),
                file => page.parent().unwrap().join(file),
            };
            let is_there = target.exists() && (heading.is_empty() || has(&target, heading));
            if !is_there {
                broken.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Whether a page has a heading with this anchor, as GitHub makes it.
fn has(page: &Path, anchor: &str) -> bool {
    let text = fs::read_to_string(page).unwrap();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.into_iter().any(|heading| {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = words
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.collect::<String>().replace(' ', "-") == anchor
    })
}
