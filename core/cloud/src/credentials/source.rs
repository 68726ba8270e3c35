use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;
use snapstore::{Environment, Error, ErrorKind, Result};

use super::mounted::names;
use super::{Fields, Watch, path};

/// Where credentials are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// One file with a JSON object.
    Json(PathBuf),
    /// A directory with a file for each value.
    Directory(PathBuf),
}

/// Read no further: credentials are small, and a wrong path may lead to a database.
const LARGEST: u64 = 1 << 20;

impl Source {
    /// What the variables of the reference name: `<variable>_JSON` is a JSON file and wins;
    /// `<variable>` is a directory, in which a file `*.json` wins over a file for each value.
    /// `None` if neither is set.
    ///
    /// Errors: `Config` if what is named cannot be read.
    pub fn find(environment: &Environment, variable: &str) -> Result<Option<Self>> {
        let json = format!("{variable}_JSON");
        if let Some(path) = path(environment, &json)? {
            return Ok(Some(Self::Json(path)));
        }
        let Some(path) = path(environment, variable)? else {
            return Ok(None);
        };
        if path.is_file() {
            return Ok(Some(Self::Json(path)));
        }
        let listed = names(&path).map_err(|error| {
            let name = environment.name(variable);
            let message = format!(
                "{name}: cannot read the directory {}: {error}",
                path.display()
            );
            Error::new(ErrorKind::Config, "open", message)
        })?;
        let json = listed.into_iter().find(|name| name.ends_with(".json"));
        Ok(Some(match json {
            Some(name) => Self::Json(path.join(name)),
            None => Self::Directory(path),
        }))
    }

    /// As [`Source::find`], where nothing works without credentials.
    pub fn require(environment: &Environment, variable: &str) -> Result<Self> {
        Self::find(environment, variable)?.ok_or_else(|| {
            let name = environment.name(variable);
            let message = format!(
                "no credentials: set {name} to a directory with a file for each value, or \
                 {name}_JSON to a JSON file"
            );
            Error::new(ErrorKind::Config, "open", message)
        })
    }

    /// The values as they are now.
    ///
    /// Errors: `Config` for what cannot be read or is no JSON object.
    pub fn read(&self) -> Result<Fields> {
        match self {
            Self::Json(path) => json(path),
            Self::Directory(path) => directory(path),
        }
    }

    /// The same of credentials that may have no file.
    pub fn watch_any(source: Option<&Self>) -> Watch {
        source.map_or_else(Watch::nothing, Self::watch)
    }

    /// What changes when the credentials do.
    pub fn watch(&self) -> Watch {
        match self {
            Self::Json(path) | Self::Directory(path) => Watch::of([path.clone()]),
        }
    }
}

fn unreadable(path: &Path, error: impl std::fmt::Display) -> Error {
    let message = format!("cannot read the credentials in {}: {error}", path.display());
    Error::new(ErrorKind::Config, "open", message)
}

/// The text of a small file.
fn small(path: &Path) -> io::Result<String> {
    if fs::metadata(path)?.len() > LARGEST {
        return Err(io::Error::other("it is larger than 1 MiB"));
    }
    fs::read_to_string(path)
}

fn directory(dir: &Path) -> Result<Fields> {
    let mut values = Vec::new();
    for name in names(dir).map_err(|error| unreadable(dir, error))? {
        let file = dir.join(&name);
        let value = small(&file).map_err(|error| unreadable(&file, error))?;
        values.push((name, value));
    }
    Ok(Fields::new(dir.display().to_string(), values))
}

fn json(path: &Path) -> Result<Fields> {
    let text = small(path).map_err(|error| unreadable(path, error))?;
    // The parser's own message would quote what it stumbled over.
    let parsed: serde_json::Result<serde_json::Map<String, Value>> = serde_json::from_str(&text);
    let object = parsed.map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        unreadable(path, format!("no JSON object ({place})"))
    })?;
    let values = object.into_iter().filter_map(|(name, value)| {
        let text = match value {
            Value::Null => return None,
            Value::String(text) => text,
            other => other.to_string(),
        };
        Some((name, text))
    });
    Ok(Fields::new(path.display().to_string(), values))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(set: &[(&str, &Path)]) -> Environment {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        Environment::new(
            set.iter()
                .map(|(name, path)| ((*name).to_owned(), text(path))),
        )
    }

    #[test]
    fn a_json_file_wins_over_files() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("region"), "eu-1\n").unwrap();
        let found = Source::require(&environment(&[("X", dir.path())]), "X").unwrap();
        assert_eq!(found.read().unwrap().need("region").unwrap(), "eu-1");

        let json = dir.path().join("credentials.json");
        fs::write(
            &json,
            r#"{"Region": "eu-2", "disableSSL": true, "none": null}"#,
        )
        .unwrap();
        let found = Source::require(&environment(&[("X", dir.path())]), "X").unwrap();
        assert_eq!(found, Source::Json(json.clone()));
        let fields = found.read().unwrap();
        assert_eq!(fields.need("region").unwrap(), "eu-2");
        assert!(fields.flag("disableSSL").unwrap());

        let both = environment(&[("X", Path::new("/none")), ("X_JSON", &json)]);
        assert_eq!(Source::require(&both, "X").unwrap(), Source::Json(json));
    }

    #[test]
    fn a_store_of_its_own_role_has_credentials_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let set = environment(&[("SOURCE_X", dir.path())]);
        assert!(Source::find(&set, "X").unwrap().is_none());
        assert!(Source::find(&set.of_source(), "X").unwrap().is_some());
    }

    #[test]
    fn a_mounted_secret_is_read_through_its_links() {
        let dir = tempfile::tempdir().unwrap();
        let version = dir.path().join("..2026_11_23");
        fs::create_dir(&version).unwrap();
        fs::write(version.join("region"), "eu-1").unwrap();
        std::os::unix::fs::symlink(&version, dir.path().join("..data")).unwrap();
        std::os::unix::fs::symlink("..data/region", dir.path().join("region")).unwrap();
        let fields = Source::Directory(dir.path().to_owned()).read().unwrap();
        assert_eq!(fields.need("region").unwrap(), "eu-1");
    }

    /// The parser's message quotes what it stumbles over, which may be a half-written secret.
    #[test]
    fn a_broken_file_is_not_quoted() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("c.json");
        fs::write(&file, r#"{"secretAccessKey": hush}"#).unwrap();
        let error = Source::Json(file).read().unwrap_err().to_string();
        assert!(
            error.contains("line 1") && !error.contains("hush"),
            "{error}"
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = Source::require(&Environment::default().of_source(), "X").unwrap_err();
        assert!(error.to_string().contains("SOURCE_X_JSON"), "{error}");
        let gone = environment(&[("X", Path::new("/no/such"))]);
        let error = Source::require(&gone, "X").unwrap_err();
        assert!(error.to_string().contains("X: "), "{error}");
    }
}
