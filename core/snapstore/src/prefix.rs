//! The prefix that an operator writes, as the reference understands it.

use crate::{Error, ErrorKind, Key, Result};

/// `prefix` in the one spelling in which it stands before the names of objects, without a slash at
/// its end unless it is `/` alone.
///
/// The reference names an object `path.Join(prefix, "v2", name)`, with
/// [Go's rules](https://pkg.go.dev/path#Clean): `a//b` and `./a/b/` are `a/b`, `a/../b` is `b`. A
/// slash at the beginning stays: to a store in a cloud `/etcd` and `etcd` are two prefixes.
///
/// Errors: `Config` for a prefix that climbs out of the store, or that no [`Key`] could follow.
pub fn cleaned(prefix: &str) -> Result<String> {
    let is_rooted = prefix.starts_with('/');
    let mut segments = Vec::new();
    for segment in prefix.split('/') {
        match segment {
            "" | "." => {}
            ".." if segments.pop().is_some() || is_rooted => {}
            ".." => return Err(wrong("it leads out of the store with '..'".into())),
            name => segments.push(name),
        }
    }
    let path = segments.join("/");
    if !path.is_empty() {
        Key::new(&path).map_err(|fault| wrong(fault.to_string()))?;
    }
    Ok(match is_rooted {
        true => format!("/{path}"),
        false => path,
    })
}

fn wrong(why: String) -> Error {
    let message = format!("the prefix of the store cannot be used: {why}");
    Error::new(ErrorKind::Config, "open", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Backups that the reference had written with `--store-prefix /etcd/main` were not seen, and
    /// `initialize` called it a first start: slashes were cut off. Other spellings that it takes
    /// were refused. The right sides are what Go's `path.Join(prefix, "v2")` gives, less its `/v2`.
    #[test]
    fn every_spelling_means_what_it_means_to_the_reference() {
        for (written, meant) in [
            ("", ""),
            (".", ""),
            ("./", ""),
            ("a/..", ""),
            ("/", "/"),
            ("//", "/"),
            ("/..", "/"),
            ("/.", "/"),
            ("/../a", "/a"),
            ("/a/../..", "/"),
            ("etcd/main", "etcd/main"),
            ("etcd/main/", "etcd/main"),
            ("etcd//main", "etcd/main"),
            ("./etcd/./main//", "etcd/main"),
            ("x/../etcd/main", "etcd/main"),
            ("a/b/../../c", "c"),
            ("/etcd/main", "/etcd/main"),
            ("//etcd///main/", "/etcd/main"),
            ("...", "..."),
        ] {
            assert_eq!(cleaned(written).unwrap(), meant, "{written:?}");
        }
    }

    #[test]
    fn a_prefix_cannot_climb_or_hide() {
        for bad in ["..", "../a", "a/../..", "a/../../b", "a\nb", "a\\b"] {
            let error = cleaned(bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{bad:?}");
            assert!(
                error.to_string().contains("the prefix of the store"),
                "{error}"
            );
        }
    }
}
