//! What the operator has said: the flags, as the host hands them on, and the file of `OPENDAL_CONFIG`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;

use serde::Deserialize;
use serde_json::Value;
use snapstore::{Error, ErrorKind, Key, Result, prefix};

/// Names the file. Its secrets stand in no flag, and not in the environment.
const VARIABLE: &str = "OPENDAL_CONFIG";

/// More bytes are no description of a service.
const LONGEST: u64 = 1 << 20;

const SHAPE: &str = r#"write {"service": "webdav", "options": {"endpoint": "https://...", ...}}"#;

/// Which service, and what OpenDAL is told about it.
pub(crate) struct Described {
    pub(crate) service: String,
    pub(crate) options: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    service: String,
    #[serde(default)]
    options: BTreeMap<String, Value>,
}

/// What snapstore.h says of the configuration.
#[derive(Deserialize)]
struct Host {
    #[serde(default)]
    container: String,
    #[serde(default)]
    prefix: String,
    endpoint_override: Option<String>,
}

/// All of it, checked.
pub(crate) struct Settings {
    pub(crate) service: String,
    pub(crate) options: BTreeMap<String, String>,
    /// A directory of the service, or its bucket; without slashes at its ends.
    pub(crate) container: String,
    pub(crate) prefix: String,
}

impl Described {
    pub(crate) fn read() -> Result<Self> {
        let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) else {
            return Err(wrong(format!(
                "{VARIABLE} is not set: name a file of JSON there, and {SHAPE} into it"
            )));
        };
        let shown = path.display().to_string();
        let mut text = String::new();
        let read = File::open(&path).and_then(|file| file.take(LONGEST).read_to_string(&mut text));
        read.map_err(|error| wrong(format!("{VARIABLE}: cannot read {shown}: {error}")))?;
        Self::parse(&shown, &text)
    }

    /// What serde says of a fault may quote a secret, so only its place is told.
    pub(crate) fn parse(shown: &str, text: &str) -> Result<Self> {
        let written: Written = serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            wrong(format!(
                "{shown} does not describe a service (line {line}, column {column}): {SHAPE}"
            ))
        })?;
        let mut options = BTreeMap::new();
        for (name, value) in written.options {
            let value = match value {
                Value::String(text) => text,
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                _ => {
                    return Err(wrong(format!(
                        "{shown}: the option \"{name}\" is neither a text nor a number nor true or false"
                    )));
                }
            };
            options.insert(name.to_lowercase(), value);
        }
        Ok(Self {
            service: written.service.to_lowercase().replace('_', "-"),
            options,
        })
    }
}

impl Settings {
    pub(crate) fn new(config: &str, described: Described) -> Result<Self> {
        let host: Host = serde_json::from_str(config)
            .map_err(|_| wrong("the host's configuration is not what snapstore.h says".into()))?;
        let Described {
            service,
            mut options,
        } = described;
        if let Some(endpoint) = host.endpoint_override.filter(|text| !text.is_empty()) {
            options.insert("endpoint".into(), endpoint);
        }
        if let Some(endpoint) = options.get("endpoint") {
            holds_no_secret(endpoint)?;
        }
        let container = host.container.trim_matches('/').to_owned();
        if !container.is_empty() {
            Key::new(&container)
                .map_err(|fault| wrong(format!("the container cannot be used: {fault}")))?;
        }
        // No path of OpenDAL begins with a slash: "/etcd" and "etcd" are one prefix here.
        let prefix = prefix::cleaned(&host.prefix)?;
        Ok(Self {
            service,
            options,
            container,
            prefix: prefix.trim_start_matches('/').to_owned(),
        })
    }
}

/// An address is told in errors.
fn holds_no_secret(endpoint: &str) -> Result<()> {
    let authority = endpoint.split("://").last().unwrap_or_default();
    let authority = authority.split('/').next().unwrap_or_default();
    if authority.contains('@') || endpoint.contains(['?', '#']) {
        return Err(wrong(
            "the endpoint holds a user or a query: put what is secret into options of its own"
                .into(),
        ));
    }
    Ok(())
}

pub(crate) fn wrong(why: String) -> Error {
    Error::new(ErrorKind::Config, "open", why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(host: &str, file: &str) -> Result<Settings> {
        Settings::new(host, Described::parse("opendal.json", file)?)
    }

    #[test]
    fn flags_say_where_and_the_file_says_what() -> Result<()> {
        let host = r#"{"container": "/backups/", "prefix": "/etcd//main", "endpoint_override": "https://two", "home": null}"#;
        let file = r#"{"service": "WebDAV", "options": {"Endpoint": "https://one", "disable_create_dir": true}}"#;
        let settings = settings(host, file)?;
        assert_eq!(settings.service, "webdav");
        assert_eq!(settings.container, "backups");
        assert_eq!(settings.prefix, "etcd/main");
        assert_eq!(settings.options["endpoint"], "https://two");
        assert_eq!(settings.options["disable_create_dir"], "true");
        Ok(())
    }

    /// A parser's own words quote what they did not expect.
    #[test]
    fn a_fault_in_the_file_is_told_without_what_stands_in_it() {
        for file in [
            r#"{"service": "webdav", "options": "hunter2"}"#,
            r#"{"service": "webdav", "options": {"password": ["hunter2"]}}"#,
            r#"{"service": "webdav", "password": "hunter2"}"#,
            r#"{"service": "webdav", "options": {"password": "hunter2"}"#,
            r#"{"service": "webdav", "options": {"endpoint": "https://u:hunter2@host/"}}"#,
            r#"{"service": "webdav", "options": {"endpoint": "https://host/?sig=hunter2"}}"#,
        ] {
            let Some(error) = settings(r#"{"container": "a", "prefix": ""}"#, file).err() else {
                unreachable!("{file} was taken");
            };
            assert_eq!(error.kind(), ErrorKind::Config, "{file}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_container_or_a_prefix_that_climbs_is_refused() {
        let file = r#"{"service": "memory"}"#;
        for host in [
            r#"{"container": "../other", "prefix": ""}"#,
            r#"{"container": "a", "prefix": "../b"}"#,
        ] {
            let refused = settings(host, file).err().map(|error| error.kind());
            assert_eq!(refused, Some(ErrorKind::Config), "{host}");
        }
    }
}
