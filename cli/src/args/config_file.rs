//! The file of `server --config-file`: sections and keys of the reference, each another way to write a flag. Keys are taken in any
//! case, as Go's JSON takes them (sigs.k8s.io/yaml, which the reference reads it with).

use std::ffi::OsString;
use std::path::Path;

use serde_json::{Map, Value};
use snapstore::printable;

use super::config_keys::{KEYS, SECONDARY, SECONDARY_STORE};

/// What a file says, as words of a command line, and the keys that nobody knows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FromFile {
    pub(crate) words: Vec<OsString>,
    pub(crate) unknown: Vec<String>,
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<FromFile, String> {
    let wrong = |why: String| format!("--config-file {}: {why}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    parse(&text).map_err(wrong)
}

/// Takes a document to words. Pure.
pub(super) fn parse(text: &str) -> Result<FromFile, String> {
    if text.trim().is_empty() {
        return Ok(FromFile::default());
    }
    let mut options = serde_saphyr::Options::default();
    // Nothing of the file stands in a message: the password of etcd may be in it.
    options.with_snippet = false;
    let document: Value = serde_saphyr::from_str_with_options(text, options)
        .map_err(|error| printable(&error.to_string()))?;
    let sections = match document {
        Value::Null => return Ok(FromFile::default()),
        Value::Object(sections) => sections,
        other => return Err(format!("it should hold sections, and is {}", kind(&other))),
    };
    let mut found = FromFile::default();
    for (name, value) in &sections {
        if is(name, "defragmentationSchedule") || is(name, "useEtcdWrapper") {
            found.take("", name, value)?;
            continue;
        }
        if !KEYS.iter().any(|(section, ..)| is(section, name)) {
            found.unknown.push(name.clone());
            continue;
        }
        match value {
            Value::Null => {}
            Value::Object(keys) => found.section(name, keys)?,
            other => {
                return Err(format!(
                    "{name} should be a section, and is {}",
                    kind(other)
                ));
            }
        }
    }
    Ok(found)
}

impl FromFile {
    fn section(&mut self, section: &str, keys: &Map<String, Value>) -> Result<(), String> {
        for (key, value) in keys {
            match value {
                Value::Object(store) if is(section, SECONDARY) && is(key, SECONDARY_STORE) => {
                    self.section(section, store)?;
                }
                value => self.take(section, key, value)?,
            }
        }
        Ok(())
    }

    fn take(&mut self, section: &str, key: &str, value: &Value) -> Result<(), String> {
        let is_it = |(of, name, _): &&(&str, &str, &str)| is(of, section) && is(name, key);
        let place = match section {
            "" => key.to_owned(),
            section => format!("{section}.{key}"),
        };
        let Some((_, _, flag)) = KEYS.iter().find(is_it) else {
            self.unknown.push(place);
            return Ok(());
        };
        if flag.is_empty() {
            return Ok(());
        }
        match text(value).map_err(|why| format!("{place}: {why}"))? {
            Some(text) => self.words.push(format!("--{flag}={text}").into()),
            // Elsewhere that is as good as nothing.
            None if *flag == RECIPIENTS => {
                return Err(format!(
                    "{place}: it is empty, and nothing would be encrypted: name a file, or leave it out"
                ));
            }
            None => {}
        }
        Ok(())
    }
}

/// What must not be left empty by mistake.
const RECIPIENTS: &str = "encrypt-recipients";

/// A value as a flag takes it; `None` where nothing is said.
fn text(value: &Value) -> Result<Option<String>, String> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok((!text.is_empty()).then(|| text.clone())),
        Value::Bool(is) => Ok(Some(is.to_string())),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::Array(all) => {
            let mut parts = Vec::new();
            for one in all {
                parts.extend(text(one)?);
            }
            Ok((!parts.is_empty()).then(|| parts.join(",")))
        }
        Value::Object(_) => Err("a value is wanted, and it is a section".to_owned()),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a section",
    }
}

fn is(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        let found = parse(text).unwrap();
        let text = |word: OsString| word.into_string().unwrap();
        found.words.into_iter().map(text).collect()
    }

    #[test]
    fn each_key_stands_for_a_flag_of_the_command() {
        let command = crate::args::command();
        let server = command.find_subcommand("server").unwrap();
        for (section, key, flag) in KEYS.iter().filter(|(.., flag)| !flag.is_empty()) {
            let has = |arg: &clap::Arg| arg.get_long() == Some(flag);
            assert!(server.get_arguments().any(has), "{section}.{key}: --{flag}");
        }
    }

    #[test]
    fn a_file_of_the_reference_becomes_flags() {
        let file = "\
etcdConnectionConfig:
  endpoints:
  - http://a:2379
  - http://b:2379
  connectionTimeout: 30s
  insecureTransport: true
serverConfig:
  port: 8080
  server-cert: \"\"
snapshotterConfig:
  schedule: '* */1 * * *'
  deltaSnapshotMemoryLimit: 104857600
restorationConfig:
  embeddedEtcdQuotaBytes: 8589934592
  initialAdvertisePeerURLs: [http://a:2380]
useEtcdWrapper: yes
defragmentationSchedule: \"0 0 */3 * *\"
";
        let mut words = words(file);
        words.sort();
        let expected = [
            "--defragmentation-schedule=0 0 */3 * *",
            "--delta-snapshot-memory-limit=104857600",
            "--embedded-etcd-quota-bytes=8589934592",
            "--endpoints=http://a:2379,http://b:2379",
            "--etcd-connection-timeout=30s",
            "--initial-advertise-peer-urls=http://a:2380",
            "--insecure-transport=true",
            "--schedule=* */1 * * *",
            "--server-port=8080",
            "--use-etcd-wrapper=true",
        ];
        assert_eq!(words, expected);
    }

    /// Go's JSON takes keys in any case, and the reference passes over what it does not know: a file that was misspelt
    /// counted for nothing, and nobody heard of it.
    #[test]
    fn keys_are_taken_in_any_case_and_unknown_ones_are_told() {
        let found =
            parse("SnapstoreConfig: {PROVIDER: Local, colour: red}\nother: {a: 1}").unwrap();
        assert_eq!(found.words, ["--storage-provider=Local"]);
        assert_eq!(found.unknown, ["SnapstoreConfig.colour", "other"]);
    }

    #[test]
    fn the_second_store_may_have_a_section_in_its_section() {
        let inner = "secondarySnapstoreConfig: {StoreConfig: {provider: Local}, syncPeriod: 2h}";
        let flat = "secondarySnapstoreConfig: {provider: Local, syncPeriod: 2h}";
        for text in [inner, flat] {
            let mut words = words(text);
            words.sort();
            let expected = [
                "--secondary-backup-sync-period=2h",
                "--secondary-storage-provider=Local",
            ];
            assert_eq!(words, expected);
        }
    }

    #[test]
    fn what_is_no_value_is_an_error_that_names_the_key() {
        for (text, named) in [
            ("snapstoreConfig: 5", "snapstoreConfig"),
            (
                "snapstoreConfig: {prefix: {a: b}}",
                "snapstoreConfig.prefix",
            ),
            ("[1]", "sections"),
            ("a: [", ""),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
        for nothing in ["", "\n# a comment\n", "snapstoreConfig:\n", "---\n"] {
            assert_eq!(parse(nothing).unwrap(), FromFile::default(), "{nothing:?}");
        }
    }

    /// The lines around a slip were printed, and the password was one of them.
    #[test]
    fn what_is_wrong_is_told_without_a_line_of_the_file() {
        for text in [
            "etcdConnectionConfig:\n  password: \"MARKER\n",
            "etcdConnectionConfig:\n  password: MARKER\n  endpoints: [\n",
            "etcdConnectionConfig:\n  password: MARKER\n  password: MARKER\n",
            "etcdConnectionConfig: {password: {MARKER: 1}}",
        ] {
            let error = parse(text).unwrap_err();
            assert!(!error.contains("MARKER"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let _ = parse(&text);
        }
    }
}
