//! The files of a crate, and which names each takes from which other: read from the sources, as `rustc` would
//! find them. Tests are left out, and so are methods, which no path names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Ident, Item, UseTree, Visibility};

/// Where a module is: the names from the root of the crate on.
type Place = Vec<String>;

/// From a file to another, and what is taken.
pub(crate) type Taken = BTreeMap<(PathBuf, PathBuf), BTreeSet<String>>;

/// One module, be it a file or a part of one.
struct Module {
    file: PathBuf,
    items: BTreeSet<String>,
    imports: BTreeMap<String, Vec<String>>,
    /// Those that are handed on: an index of names takes nothing.
    handed_on: BTreeSet<String>,
    globs: Vec<Vec<String>>,
    content: Vec<Item>,
}

/// The modules of a crate.
pub(crate) struct Modules(BTreeMap<Place, Module>);

/// What a path leads to.
enum Found {
    Module(Place),
    /// A name that is defined in this module.
    Item(Place, String),
}

/// Nobody hands a name on more often.
const LONGEST_WAY: usize = 16;

impl Modules {
    /// Of the crate in `dir`: what its library or program is made of.
    pub(crate) fn read(dir: &Path) -> Self {
        let mut modules = Self(BTreeMap::new());
        let roots = ["src/lib.rs", "src/main.rs"].map(|root| dir.join(root));
        let root = roots.into_iter().find(|root| root.is_file());
        modules.read_file(&root.unwrap(), Vec::new());
        modules
    }

    fn read_file(&mut self, file: &Path, place: Place) {
        let text = fs::read_to_string(file).unwrap();
        let parsed = syn::parse_file(&text).unwrap();
        let is_index = ["lib.rs", "main.rs", "mod.rs"]
            .iter()
            .any(|name| file.ends_with(name));
        let below = match is_index {
            true => file.parent().unwrap().to_owned(),
            false => file.with_extension(""),
        };
        self.add(file, &below, place, parsed.items);
    }

    /// `below`: the directory of the modules inside.
    fn add(&mut self, file: &Path, below: &Path, place: Place, content: Vec<Item>) {
        let mut module = Module {
            file: file.to_owned(),
            items: BTreeSet::new(),
            imports: BTreeMap::new(),
            handed_on: BTreeSet::new(),
            globs: Vec::new(),
            content: Vec::new(),
        };
        for item in content
            .into_iter()
            .filter(|item| !is_test(attributes(item)))
        {
            match item {
                Item::Mod(inner) => {
                    let name = inner.ident.to_string();
                    let place: Place = [place.as_slice(), std::slice::from_ref(&name)].concat();
                    match inner.content {
                        Some((_, content)) => self.add(file, &below.join(&name), place, content),
                        None => {
                            let files = [
                                below.join(format!("{name}.rs")),
                                below.join(&name).join("mod.rs"),
                            ];
                            let found = files.iter().find(|file| file.is_file());
                            self.read_file(found.unwrap(), place);
                        }
                    }
                }
                Item::Use(import) => {
                    let is_handed_on = !matches!(import.vis, Visibility::Inherited);
                    module.import(&import.tree, &[], is_handed_on);
                }
                item => {
                    module.items.extend(name(&item).map(Ident::to_string));
                    module.content.push(item);
                }
            }
        }
        self.0.insert(place, module);
    }

    /// All files.
    pub(crate) fn files(&self) -> BTreeSet<&Path> {
        self.0
            .values()
            .map(|module| module.file.as_path())
            .collect()
    }

    /// Which file takes what from which other.
    pub(crate) fn taken(&self) -> Taken {
        let mut taken = Taken::new();
        for (place, module) in &self.0 {
            let mut named = Named(BTreeSet::new());
            module
                .content
                .iter()
                .for_each(|item| named.visit_item(item));
            let imports = module.imports.iter();
            let own = imports.filter(|(name, _)| !module.handed_on.contains(*name));
            named.0.extend(own.map(|(_, path)| path.clone()));
            for path in &named.0 {
                let Some(Found::Item(at, name)) = self.find(place, path, 0) else {
                    continue;
                };
                let from = &self.0[&at].file;
                if *from != module.file {
                    let pair = (module.file.clone(), from.clone());
                    taken.entry(pair).or_default().insert(name);
                }
            }
            for glob in &module.globs {
                if let Some(Found::Module(at)) = self.find(place, glob, 0)
                    && self.0[&at].file != module.file
                {
                    let pair = (module.file.clone(), self.0[&at].file.clone());
                    taken.entry(pair).or_default().insert("*".into());
                }
            }
        }
        taken
    }

    /// What `path` means in the module at `place`; none of what is of another crate.
    fn find(&self, place: &[String], path: &[String], way: usize) -> Option<Found> {
        if way > LONGEST_WAY {
            return None;
        }
        let mut at = Found::Module(place.to_vec());
        for (step, name) in path.iter().enumerate() {
            let Found::Module(here) = &at else { break };
            at = match name.as_str() {
                "crate" if step == 0 => Found::Module(Vec::new()),
                "self" => Found::Module(here.clone()),
                "super" => Found::Module(here.split_last()?.1.to_vec()),
                name => self.look_up(here, name, way)?,
            };
        }
        Some(at)
    }

    fn look_up(&self, here: &[String], name: &str, way: usize) -> Option<Found> {
        let inside: Place = [here, &[name.to_owned()]].concat();
        let module = &self.0[here];
        if self.0.contains_key(&inside) {
            return Some(Found::Module(inside));
        }
        if module.items.contains(name) {
            return Some(Found::Item(here.to_vec(), name.to_owned()));
        }
        if let Some(path) = module.imports.get(name) {
            // A name imported from a crate of the same name leads out of this one.
            return (path[0] != name).then(|| self.find(here, path, way + 1))?;
        }
        let named = |glob: &Vec<String>| match self.find(here, glob, way + 1)? {
            Found::Module(there) if there != here => self.look_up(&there, name, way + 1),
            _ => None,
        };
        module.globs.iter().find_map(named)
    }
}

impl Module {
    fn import(&mut self, tree: &UseTree, before: &[String], is_handed_on: bool) {
        let with = |name: &Ident| [before, &[name.to_string()]].concat();
        let (name, path) = match tree {
            UseTree::Path(path) => {
                return self.import(&path.tree, &with(&path.ident), is_handed_on);
            }
            UseTree::Group(group) => {
                let all = group.items.iter();
                return all.for_each(|tree| self.import(tree, before, is_handed_on));
            }
            UseTree::Glob(_) => return self.globs.push(before.to_vec()),
            UseTree::Name(name) if name.ident == "self" => {
                (before.last().unwrap().clone(), before.to_vec())
            }
            UseTree::Name(name) => (name.ident.to_string(), with(&name.ident)),
            UseTree::Rename(rename) => (rename.rename.to_string(), with(&rename.ident)),
        };
        if is_handed_on {
            self.handed_on.insert(name.clone());
        }
        self.imports.insert(name, path);
    }
}

/// The paths that code names, those inside the arguments of macros too.
struct Named(BTreeSet<Vec<String>>);

impl<'a> Visit<'a> for Named {
    fn visit_item(&mut self, item: &'a Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let names = path.segments.iter().map(|one| one.ident.to_string());
        self.0.insert(names.collect());
        visit::visit_path(self, path);
    }

    /// What derives are told names paths too, as the texts of errors do.
    fn visit_attribute(&mut self, attribute: &'a Attribute) {
        if let Ok(list) = attribute.meta.require_list() {
            self.tokens(list.tokens.clone(), &mut Vec::new());
        }
    }

    fn visit_macro(&mut self, call: &'a syn::Macro) {
        let mut path = Vec::new();
        self.tokens(call.tokens.clone(), &mut path);
        visit::visit_macro(self, call);
    }
}

impl Named {
    fn tokens(&mut self, tokens: proc_macro2::TokenStream, path: &mut Vec<String>) {
        use proc_macro2::TokenTree;
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.end(path);
                    }
                    path.push(name.to_string());
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => {
                    self.end(path);
                    self.tokens(group.stream(), &mut Vec::new());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => self.end(path),
            }
            colons = 0;
        }
        self.end(path);
    }

    fn end(&mut self, path: &mut Vec<String>) {
        if !path.is_empty() {
            self.0.insert(std::mem::take(path));
        }
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    let test = |one: &Attribute| {
        let list = one.meta.require_list();
        one.path().is_ident("cfg") && list.is_ok_and(|list| list.tokens.to_string() == "test")
    };
    attributes.iter().any(test)
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn name(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Macro(item) => item.ident.as_ref(),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    }
}
