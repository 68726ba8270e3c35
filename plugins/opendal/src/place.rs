//! What a key is called in OpenDAL, and back.

use std::hash::{DefaultHasher, Hash, Hasher};

use snapstore::{Error, ErrorKind, Key, Result};

/// Holds what is not an object yet. No listing shows it.
const STAGING: &str = ".etcdbrctl-unfinished";

/// OpenDAL cuts white space off both ends of a path. A path with some there has this beside it.
const GUARD: &str = "%_";

/// What some WebDAV servers take for the end of a name when it is the destination of a move, and what escapes it. No
/// snapshot has one of them in its name.
const ENDS: [(&str, &str); 4] = [("%", "%25"), ("?", "%3F"), (";", "%3B"), ("#", "%23")];

/// How keys are written into paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    AsTheyAre,
    Escaped,
}

/// Where in a service the objects of one store are.
#[derive(Debug)]
pub(crate) struct Place {
    names: Names,
    container: String,
    /// What every path begins with; empty, or with a slash at its end.
    base: String,
}

impl Place {
    /// In the directory `container` of the service, if one is named, under `prefix`.
    pub(crate) fn new(names: Names, container: Option<&str>, prefix: &str) -> Self {
        let directory = |name: &str| match name {
            "" => String::new(),
            name => format!("{name}/"),
        };
        let container = container.map(directory).unwrap_or_default();
        Self {
            names,
            base: format!("{container}{}", directory(prefix)),
            container,
        }
    }

    /// The directory that must be there, if one was named.
    pub(crate) fn container(&self) -> Option<String> {
        let named = !self.container.is_empty();
        named.then(|| guarded(&self.container))
    }

    /// The path of an object.
    ///
    /// Errors: `Config` for a key that would be among what is unfinished.
    pub(crate) fn path(&self, operation: &'static str, key: &Key) -> Result<String> {
        if is_staged(key.as_str()) {
            let message = format!("names below \"{STAGING}\" are the plugin's own");
            return Err(Error::new(ErrorKind::Config, operation, message).with_key(key));
        }
        let name = self.written(key.as_str());
        Ok(guarded(&format!("{}{name}", self.base)))
    }

    /// The directory in which all keys are that begin with `prefix`, and perhaps others.
    pub(crate) fn directory(&self, prefix: &str) -> String {
        let inner = prefix
            .rsplit_once('/')
            .map_or("", |(directory, _)| directory);
        let path = match inner {
            "" => self.base.clone(),
            inner => format!("{}{}/", self.base, self.written(inner)),
        };
        match path.as_str() {
            "" => "/".to_owned(),
            path => guarded(path),
        }
    }

    /// Whose object a path that was listed is; `None` for what is none: the plugin's own, and names
    /// that no key can have.
    pub(crate) fn key(&self, path: &str) -> Option<Key> {
        let path = unguarded(path);
        let name = path.strip_prefix(&self.base)?;
        if is_staged(name) {
            return None;
        }
        let key = self.read(name);
        let is_ours = self.written(&key) == name;
        is_ours.then(|| Key::new(key).ok()).flatten()
    }

    fn ends(&self) -> &'static [(&'static str, &'static str)] {
        match self.names {
            Names::AsTheyAre => &[],
            Names::Escaped => &ENDS,
        }
    }

    fn written(&self, name: &str) -> String {
        let escape = |name: String, (plain, escaped): &(&str, &str)| name.replace(plain, escaped);
        self.ends().iter().fold(name.to_owned(), escape)
    }

    fn read(&self, name: &str) -> String {
        let unescape = |name: String, (plain, escaped): &(&str, &str)| name.replace(escaped, plain);
        // The percent sign, which escapes, is the last.
        self.ends().iter().rev().fold(name.to_owned(), unescape)
    }

    /// The directory of what is unfinished.
    pub(crate) fn staging(&self) -> String {
        guarded(&format!("{}{STAGING}/", self.base))
    }

    /// The directory of what is to replace the object at `path`.
    pub(crate) fn replacing(&self, path: &str) -> String {
        let mut hasher = DefaultHasher::new();
        path.hash(&mut hasher);
        self.staged(&format!("replacing-{:016x}/", hasher.finish()))
    }

    /// The path of something unfinished.
    pub(crate) fn staged(&self, name: &str) -> String {
        format!("{}{name}", self.staging())
    }
}

fn is_staged(name: &str) -> bool {
    let below = name.strip_prefix(STAGING);
    below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

/// `path` as OpenDAL leaves it alone. No two paths become one: what gets a guard is white space with
/// any number of them beside it.
fn guarded(path: &str) -> String {
    let front = match path
        .trim_start_matches(GUARD)
        .starts_with(char::is_whitespace)
    {
        true => GUARD,
        false => "",
    };
    let back = match path.trim_end_matches(GUARD).ends_with(char::is_whitespace) {
        true => GUARD,
        false => "",
    };
    format!("{front}{path}{back}")
}

fn unguarded(path: &str) -> &str {
    let inner = |path: &str| {
        path.trim_start_matches(GUARD)
            .starts_with(char::is_whitespace)
    };
    let path = match path.strip_prefix(GUARD) {
        Some(rest) if inner(path) => rest,
        _ => path,
    };
    let inner = |path: &str| path.trim_end_matches(GUARD).ends_with(char::is_whitespace);
    match path.strip_suffix(GUARD) {
        Some(rest) if inner(path) => rest,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn key(name: &str) -> Key {
        Key::new(name).unwrap_or_else(|error| unreachable!("{error}"))
    }

    /// OpenDAL writes " a " where "a" is.
    #[test]
    fn every_key_has_a_path_that_opendal_leaves_alone() -> Result<()> {
        let names = [
            "a",
            " a",
            "a ",
            "a%_",
            "a %_",
            "a %_%_",
            "%_a",
            "%_ a",
            "%_%_ a",
            "b/ a ",
            "\u{3000}a",
        ];
        for place in [
            Place::new(Names::AsTheyAre, None, ""),
            Place::new(Names::Escaped, Some("c"), " p"),
        ] {
            let mut paths = BTreeSet::new();
            for name in names {
                let path = place.path("put", &key(name))?;
                assert_eq!(path.trim(), path);
                assert_eq!(place.key(&path), Some(key(name)), "{path:?}");
                paths.insert(path);
            }
            assert_eq!(paths.len(), names.len(), "{paths:?}");
        }
        Ok(())
    }

    /// WsgiDAV made "question" of "question?mark": it reads the destination of a move so.
    #[test]
    fn what_ends_a_name_is_escaped_and_comes_back() -> Result<()> {
        let place = Place::new(Names::Escaped, None, "p;q");
        for (name, path) in [
            ("v2/Full-1.gz", "p;q/v2/Full-1.gz"),
            ("a?b;c#d%e", "p;q/a%3Fb%3Bc%23d%25e"),
            ("%3F", "p;q/%253F"),
            ("%253F", "p;q/%25253F"),
        ] {
            assert_eq!(place.path("put", &key(name))?, path);
            assert_eq!(place.key(path), Some(key(name)));
        }
        assert_eq!(place.directory("a?/b"), "p;q/a%3F/");
        // Somebody else's: its key would be that of another path.
        assert_eq!(place.key("p;q/100%"), None);
        Ok(())
    }

    #[test]
    fn what_is_unfinished_is_no_object() {
        let place = Place::new(Names::AsTheyAre, Some("c"), "p");
        let staged = place.staged("1");
        assert_eq!(staged, "c/p/.etcdbrctl-unfinished/1");
        assert_eq!(place.key(&staged), None);
        assert_eq!(place.key("c/other/object"), None);
        for name in [".etcdbrctl-unfinished", ".etcdbrctl-unfinished/1"] {
            let refused = place
                .path("put", &key(name))
                .err()
                .map(|error| error.kind());
            assert_eq!(refused, Some(ErrorKind::Config));
        }
        assert!(place.path("put", &key(".etcdbrctl-unfinished-not")).is_ok());
    }

    #[test]
    fn a_prefix_is_looked_for_in_the_directory_that_holds_it() {
        let place = Place::new(Names::AsTheyAre, Some("c"), "p");
        for (prefix, directory) in [
            ("", "c/p/"),
            ("v2/", "c/p/v2/"),
            ("v2/Full-", "c/p/v2/"),
            ("Full-", "c/p/"),
        ] {
            assert_eq!(place.directory(prefix), directory);
        }
        assert_eq!(Place::new(Names::AsTheyAre, None, "").directory("x"), "/");
    }
}
