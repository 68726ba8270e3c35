use azure_core::credentials::Secret;
use azure_core::http::Url;
use snapstore::{Environment, Error, ErrorKind, Result};
use snapstore_cloud::credentials::{Fields, Source, Watch};

use crate::config::{PUBLIC, Settings, of_account};

/// As in the reference: a directory, or with `_JSON` a file.
const VARIABLE: &str = "AZURE_APPLICATION_CREDENTIALS";

/// The account, where nobody mounts credentials: the name that Azure's own tools use.
const ACCOUNT: &str = "AZURE_STORAGE_ACCOUNT";

/// How requests say who asks.
#[derive(Debug)]
pub(crate) enum Proof {
    /// Signed with the account's key.
    Key { account: String, key: Secret },
    /// By the query of the address.
    Token,
    /// As an identity of Entra.
    Identity,
}

/// What the credentials say now: where the container is, and how to ask for it.
pub(crate) struct Access {
    /// The address of the container; may hold a token.
    pub(crate) container: Url,
    pub(crate) proof: Proof,
}

/// Where the credentials of a store come from, to be read as often as they change.
#[derive(Clone)]
pub(crate) struct Origin {
    settings: Settings,
    watch: Watch,
}

impl Origin {
    pub(crate) fn find(settings: &Settings) -> Result<Self> {
        let source = Source::find(&settings.environment, VARIABLE)?;
        Ok(Self {
            settings: settings.clone(),
            watch: Source::watch_any(source.as_ref()),
        })
    }

    /// The files that change when the credentials do.
    pub(crate) fn watch(&self) -> Watch {
        self.watch.clone()
    }

    /// The credentials as they are now.
    ///
    /// Errors: `Config`.
    pub(crate) fn read(&self) -> Result<Access> {
        let settings = &self.settings;
        let found = Source::find(&settings.environment, VARIABLE)?;
        let fields = match found {
            Some(source) => source.read()?,
            None => Fields::new("the environment", []),
        };
        let named = fields.get("storageAccount");
        let named = named.or_else(|| settings.environment.get(ACCOUNT));
        let mut endpoint = match (settings.endpoint()?, named) {
            (Some(endpoint), _) => endpoint,
            (None, Some(account)) => of_account(account, fields.get("domain").unwrap_or(PUBLIC))?,
            (None, None) => return Err(nothing(&settings.environment)),
        };
        let token = fields.get("sasToken");
        if token.is_some() && fields.get("storageKey").is_some() {
            return Err(fields.wrong("there are a storageKey and a sasToken: keep one"));
        }
        if let Some(token) = token {
            endpoint.set_query(Some(token.trim_start_matches('?')));
        }
        let proof = match fields.get("storageKey") {
            Some(key) => Proof::Key {
                account: fields.need("storageAccount")?.to_owned(),
                key: valid(key, &fields)?,
            },
            None if token.is_some() => Proof::Token,
            None if endpoint.scheme() == "https" => Proof::Identity,
            None => {
                let what = "an endpoint without TLS wants a storageKey or a sasToken";
                return Err(fields.wrong(what));
            }
        };
        Ok(Access {
            container: settings.address(endpoint)?,
            proof,
        })
    }
}

/// A key that cannot be one is found here, not in a signature.
fn valid(key: &str, fields: &Fields) -> Result<Secret> {
    match azure_core::base64::decode(key) {
        Ok(bytes) if !bytes.is_empty() => Ok(Secret::new(key.to_owned())),
        _ => Err(fields.wrong("storageKey is not in Base64")),
    }
}

fn nothing(environment: &Environment) -> Error {
    let message = format!(
        "no credentials: set {} to a directory with storageAccount and storageKey, or {} and an \
         identity (AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE)",
        environment.name(VARIABLE),
        environment.name(ACCOUNT)
    );
    Error::new(ErrorKind::Config, "open", message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use snapstore::StoreConfig;

    fn load(files: &[(&str, &str)], endpoint: Option<&str>) -> Result<Access> {
        let dir = tempfile::tempdir().unwrap();
        for (name, value) in files {
            std::fs::write(dir.path().join(name), value).unwrap();
        }
        let variable = (VARIABLE.to_owned(), dir.path().display().to_string());
        let config = StoreConfig {
            container: "bk".into(),
            endpoint_override: endpoint.map(Into::into),
            environment: Environment::new([variable]),
            ..StoreConfig::default()
        };
        Origin::find(&Settings::new(&config)?)?.read()
    }

    #[test]
    fn each_form_has_its_proof() {
        let (account, key) = (("storageAccount", "mine\n"), ("storageKey", "a2V5\n"));
        let signed = load(&[account, key], None).unwrap();
        assert!(matches!(signed.proof, Proof::Key { account, .. } if account == "mine"));
        assert_eq!(
            signed.container.as_str(),
            "https://mine.blob.core.windows.net/bk"
        );
        let domain = ("domain", "blob.core.usgovcloudapi.net");
        let token = load(&[account, domain, ("sasToken", "?sv=1&sig=x")], None).unwrap();
        assert!(matches!(token.proof, Proof::Token));
        let address = "https://mine.blob.core.usgovcloudapi.net/bk?sv=1&sig=x";
        assert_eq!(token.container.as_str(), address);
        assert!(matches!(
            load(&[account], None).unwrap().proof,
            Proof::Identity
        ));
        let inside = load(
            &[("sasToken", "sig=x")],
            Some("https://mine.privatelink.example"),
        )
        .unwrap();
        assert!(matches!(inside.proof, Proof::Token));
    }

    #[test]
    fn an_invalid_configuration_is_named() {
        let account = ("storageAccount", "mine");
        for (files, endpoint) in [
            (&[][..], None),
            (&[account, ("storageKey", "hush!")][..], None),
            (
                &[account, ("storageKey", "a2V5"), ("sasToken", "sig=hush")][..],
                None,
            ),
            (&[account][..], Some("http://127.0.0.1:10000/mine")),
            (
                &[("storageKey", "a2V5")][..],
                Some("http://127.0.0.1:10000/mine"),
            ),
        ] {
            let error = load(files, endpoint).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Config, "{error}");
            assert!(!format!("{error:?}").contains("hush"), "{error:?}");
        }
    }
}
