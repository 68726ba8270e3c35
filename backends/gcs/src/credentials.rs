use std::path::{Path, PathBuf};

use google_cloud_auth::credentials::{
    self, Credentials, anonymous, external_account, service_account, user_account,
};
use serde_json::{Map, Value};
use snapstore::{Error, ErrorKind, Result};
use snapstore_cloud::credentials::{Watch, path as credentials_path};

use crate::config::Settings;

/// Names a file; what else belongs to it stands in the same directory.
const VARIABLE: &str = "GOOGLE_APPLICATION_CREDENTIALS";

/// Below the home directory.
const OF_GCLOUD: &str = ".config/gcloud/application_default_credentials.json";

/// The domain of Google's services.
const GOOGLE: &str = "googleapis.com";

/// Where the credentials of a store come from, to be read as often as they change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The variable that would name a file, as it is called for this store.
    variable: String,
    /// `None`: what Google's clients find by themselves.
    file: Option<PathBuf>,
    /// The file that `gcloud auth application-default login` leaves.
    of_gcloud: Option<PathBuf>,
}

impl Origin {
    /// Errors: `Config` for a variable that holds no path.
    pub(crate) fn find(settings: &Settings) -> Result<Self> {
        let environment = &settings.environment;
        Ok(Self {
            variable: environment.name(VARIABLE),
            file: credentials_path(environment, VARIABLE)?,
            of_gcloud: environment
                .of_process("HOME")
                .map(|home| Path::new(home).join(OF_GCLOUD)),
        })
    }

    /// Whether tokens come from the machine's metadata service: nobody has named or left a file.
    pub(crate) fn is_of_machine(&self) -> bool {
        let of_gcloud = self.of_gcloud.as_ref().is_some_and(|file| file.exists());
        self.file.is_none() && !of_gcloud
    }

    /// The file and those beside it.
    pub(crate) fn watch(&self) -> Watch {
        let Some(file) = &self.file else {
            return Watch::nothing();
        };
        let beside = ["token", "projectID", "storageAPIEndpoint"];
        let beside = beside.map(|name| file.with_file_name(name));
        Watch::of([file.clone()].into_iter().chain(beside))
    }

    /// The endpoint that stands beside the credentials, a deprecated habit of the reference.
    pub(crate) fn endpoint(&self) -> Result<Option<String>> {
        let Some(file) = &self.file else {
            return Ok(None);
        };
        let beside = file.with_file_name("storageAPIEndpoint");
        let written = match std::fs::read_to_string(&beside) {
            Ok(text) if text.trim().is_empty() => return Ok(None),
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(wrong(&beside, error)),
        };
        if is_external(&read(file)?) && !is_googles(&written) {
            let what = "with an external account it must be https and a host of googleapis.com; \
                        name another with --store-endpoint-override";
            return Err(wrong(&beside, what));
        }
        Ok(Some(written))
    }

    /// The domain that the credentials are for, if not Google's own.
    pub(crate) fn universe(&self) -> Result<Option<String>> {
        let Some(file) = &self.file else {
            return Ok(None);
        };
        let document = read(file)?;
        let domain = text(&document, "universe_domain");
        check_universe(&document).map_err(|what| wrong(file, what))?;
        Ok((!domain.is_empty()).then(|| domain.to_owned()))
    }

    /// What signs requests. Nothing is asked of Google yet.
    ///
    /// Errors: `Config` for a file that is none of the known kinds.
    pub(crate) fn load(&self) -> Result<Credentials> {
        let Some(file) = &self.file else {
            return credentials::Builder::default().build().map_err(|error| {
                let message = format!(
                    "no credentials: set {} to the file of a service account ({error})",
                    self.variable
                );
                Error::new(ErrorKind::Config, "open", message)
            });
        };
        let document = read(file)?;
        let built = match text(&document, "type") {
            "service_account" => service_account::Builder::new(Value::Object(document)).build(),
            "authorized_user" => user_account::Builder::new(Value::Object(document)).build(),
            "external_account" => {
                check_external(&document, &file.with_file_name("token"))
                    .and_then(|()| check_universe(&document))
                    .map_err(|what| wrong(file, what))?;
                external_account::Builder::new(Value::Object(document)).build()
            }
            _ => {
                let known = "its type is none of service_account, external_account and \
                             authorized_user";
                return Err(wrong(file, known));
            }
        };
        // The builder's own words may quote the key.
        built.map_err(|_| wrong(file, "a field is missing, or the private key is damaged"))
    }
}

/// For emulators.
pub(crate) fn nobody() -> Credentials {
    anonymous::Builder::new().build()
}

fn wrong(path: &Path, what: impl std::fmt::Display) -> Error {
    let message = format!("the credentials in {}: {what}", path.display());
    Error::new(ErrorKind::Config, "open", message)
}

fn read(file: &Path) -> Result<Map<String, Value>> {
    let content = std::fs::read_to_string(file).map_err(|error| wrong(file, error))?;
    // The parser's own message would quote what it stumbled over.
    serde_json::from_str(&content).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        wrong(file, format!("no JSON object ({place})"))
    })
}

fn text<'a>(document: &'a Map<String, Value>, name: &str) -> &'a str {
    document
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn is_external(document: &Map<String, Value>) -> bool {
    text(document, "type") == "external_account"
}

/// The domain of an external account decides where its token goes: to Google, and nowhere else.
fn check_universe(document: &Map<String, Value>) -> Result<(), &'static str> {
    match text(document, "universe_domain") {
        "" | GOOGLE => Ok(()),
        _ if is_external(document) => {
            Err("universe_domain of an external account must be googleapis.com")
        }
        _ => Ok(()),
    }
}

/// Whether a token that is sent to `endpoint` reaches Google alone.
fn is_googles(endpoint: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(endpoint.trim()) else {
        return false;
    };
    let is_host = |host: &str| {
        let sub = host.strip_suffix(GOOGLE);
        sub.is_some_and(|sub| sub.is_empty() || sub.ends_with('.'))
    };
    url.scheme() == "https" && url.host_str().is_some_and(is_host)
}

/// A document of this kind says where a token is taken from and where it is sent. In a cluster it
/// is often written by somebody who may not run programs here nor read other files, so only the
/// form of the reference is taken: the token beside it, exchanged at Google.
fn check_external(document: &Map<String, Value>, token: &Path) -> Result<(), &'static str> {
    if text(document, "subject_token_type") != "urn:ietf:params:oauth:token-type:jwt" {
        return Err("subject_token_type must be urn:ietf:params:oauth:token-type:jwt");
    }
    if text(document, "token_url") != "https://sts.googleapis.com/v1/token" {
        return Err("token_url must be https://sts.googleapis.com/v1/token");
    }
    let impersonated = text(document, "service_account_impersonation_url");
    let iam = impersonated
        .strip_prefix("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/")
        .and_then(|rest| rest.strip_suffix(":generateAccessToken"));
    if !impersonated.is_empty() && iam.is_none_or(|name| name.contains(['/', '?', '#'])) {
        return Err("service_account_impersonation_url is not one of IAM");
    }
    let source = document.get("credential_source").and_then(Value::as_object);
    let source = source.ok_or("credential_source is missing")?;
    let plain = source
        .get("format")
        .is_none_or(|format| format["type"] == "text");
    let known = source.keys().all(|name| name == "file" || name == "format");
    if !plain || !known || Path::new(text(source, "file")) != token {
        return Err("credential_source must be the file `token` beside it, as text");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn external(token: &Path) -> Value {
        serde_json::json!({
            "type": "external_account",
            "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/p",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": "https://sts.googleapis.com/v1/token",
            "universe_domain": "googleapis.com",
            "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/x@y.iam.gserviceaccount.com:generateAccessToken",
            "credential_source": {"file": token, "format": {"type": "text"}},
        })
    }

    fn account(dir: &Path, document: &Value) -> Origin {
        let file = dir.join("credentialsConfig");
        fs::write(&file, document.to_string()).unwrap();
        Origin {
            variable: VARIABLE.to_owned(),
            file: Some(file),
            of_gcloud: None,
        }
    }

    #[tokio::test]
    async fn a_token_beside_its_description_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let token = dir.path().join("token");
        fs::write(&token, "jwt").unwrap();
        let account = account(dir.path(), &external(&token));
        account.load().unwrap();
        assert_eq!(account.endpoint().unwrap(), None);
        fs::write(
            dir.path().join("storageAPIEndpoint"),
            "https://storage.x.rep.googleapis.com/\n",
        )
        .unwrap();
        assert!(account.endpoint().unwrap().is_some());
    }

    /// Such a file could run a program, send any file to anybody, or fetch an address inside.
    #[tokio::test]
    async fn a_description_that_reaches_further_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let token = dir.path().join("token");
        for (field, value) in [
            (
                "credential_source",
                serde_json::json!({"executable": {"command": "/bin/id"}}),
            ),
            (
                "credential_source",
                serde_json::json!({"file": "/etc/shadow"}),
            ),
            (
                "credential_source",
                serde_json::json!({"url": "http://169.254.169.254/"}),
            ),
            ("token_url", "https://evil.example/v1/token".into()),
            (
                "service_account_impersonation_url",
                "https://evil.example/x:generateAccessToken".into(),
            ),
            (
                "subject_token_type",
                "urn:ietf:params:aws:token-type:aws4_request".into(),
            ),
        ] {
            let mut document = external(&token);
            document[field] = value;
            let error = account(dir.path(), &document).load().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{field}: {error}");
        }
    }

    /// Both widened where the token of an external account is sent, past the check of the rest of the
    /// document: whoever wrote it got a token of the project.
    #[tokio::test]
    async fn a_description_that_sends_the_token_elsewhere_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let token = dir.path().join("token");
        for domain in [
            "evil.example",
            "googleapis.com.evil.example",
            "xgoogleapis.com",
        ] {
            let mut document = external(&token);
            document["universe_domain"] = domain.into();
            let account = account(dir.path(), &document);
            assert_eq!(account.load().unwrap_err().kind(), ErrorKind::Config);
            assert_eq!(account.universe().unwrap_err().kind(), ErrorKind::Config);
        }
        let account = account(dir.path(), &external(&token));
        assert_eq!(account.universe().unwrap().as_deref(), Some(GOOGLE));
        let beside = dir.path().join("storageAPIEndpoint");
        for address in [
            "https://evil.example",
            "https://googleapis.com.evil.example",
            "https://xgoogleapis.com",
            "https://storage.googleapis.com@evil.example",
            "http://storage.googleapis.com",
            "https:evil.example",
            "storage.googleapis.com",
        ] {
            fs::write(&beside, address).unwrap();
            let error = account.endpoint().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{address}: {error}");
            assert!(error.to_string().contains("storageAPIEndpoint"), "{error}");
        }
        for address in [
            "https://googleapis.com",
            "https://storage.x.rep.googleapis.com/storage/v1/",
        ] {
            fs::write(&beside, address).unwrap();
            assert!(account.endpoint().unwrap().is_some(), "{address}");
        }
    }

    #[tokio::test]
    async fn what_is_no_account_is_named_and_not_quoted() {
        let dir = tempfile::tempdir().unwrap();
        for text in [
            r#"{"type": "service_account", "private_key": "hush"}"#,
            r#"{"type": "service_account", "private_key": hush"#,
            r#"{"type": "hush"}"#,
            "",
        ] {
            let file = dir.path().join("serviceaccount.json");
            fs::write(&file, text).unwrap();
            let account = Origin {
                variable: VARIABLE.to_owned(),
                file: Some(file),
                of_gcloud: None,
            };
            let error = account.load().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config);
            let error = format!("{error:?}");
            assert!(error.contains("serviceaccount.json"), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
