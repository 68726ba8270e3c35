use snapstore::{AddressingStyle, EndpointUrl, Environment, Error, ErrorKind, Result};
use snapstore_cloud::SecretString;
use snapstore_cloud::credentials::{Fields, Source, Watch};
use snapstore_cloud::http::{Tls, Trust};

use crate::config::{Checksums, Dialect, Settings};
use crate::customer_key::CustomerKey;

/// What the credentials say now: with the settings, everything that a client is made of.
#[derive(Debug, Clone)]
pub(crate) struct Access {
    /// Another address than AWS's own.
    pub(crate) endpoint: Option<String>,
    /// `None`: what the chain of AWS finds.
    pub(crate) region: Option<String>,
    /// `None`: what suits the endpoint.
    pub(crate) addressing: Option<AddressingStyle>,
    pub(crate) identity: Identity,
    pub(crate) tls: Tls,
    pub(crate) customer_key: Option<CustomerKey>,
    /// Of what is sent.
    pub(crate) request_checksums: Option<Checksums>,
    /// Of what comes back.
    pub(crate) response_checksums: Option<Checksums>,
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) enum Identity {
    /// A pair of keys, with the token of a session if they are temporary.
    Keys {
        id: String,
        secret: SecretString,
        session: Option<SecretString>,
    },
    /// A role that the token in a file may take on (STS `AssumeRoleWithWebIdentity`).
    Role { role: String, token_file: String },
    /// Whatever the machine offers, in AWS's own order.
    Chain,
}

/// Where the credentials of a store come from, to be read as often as they change.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    settings: Settings,
    source: Option<Source>,
}

impl Origin {
    pub(crate) fn find(settings: &Settings) -> Result<Self> {
        let environment = &settings.environment;
        let source = match settings.dialect {
            Dialect::S3 => Source::find(environment, "AWS_APPLICATION_CREDENTIALS")?,
            Dialect::Ocs => Some(Source::require(
                environment,
                "OPENSHIFT_APPLICATION_CREDENTIALS",
            )?),
            Dialect::Ecs => None,
        };
        Ok(Self {
            settings: settings.clone(),
            source,
        })
    }

    /// The files that change when the credentials do.
    pub(crate) fn watch(&self) -> Watch {
        Source::watch_any(self.source.as_ref())
    }

    /// The credentials as they are now.
    pub(crate) fn read(&self) -> Result<Access> {
        let settings = &self.settings;
        let mut access = match (settings.dialect, &self.source) {
            (Dialect::Ecs, _) => ecs(&settings.environment)?,
            (Dialect::Ocs, Some(source)) => ocs(&source.read()?)?,
            (_, Some(source)) => s3(source, &source.read()?)?,
            (_, None) => chain(),
        };
        access.addressing = settings.addressing.or(access.addressing);
        if let Some(over) = &settings.endpoint {
            access.endpoint = Some(over.clone());
        } else if access.endpoint.is_none() {
            access.endpoint = settings.endpoint_of_aws()?;
        }
        Ok(access)
    }
}

/// An address with its scheme; in credentials operators leave it out, as the reference lets them.
fn with_scheme(endpoint: &str, scheme: &str) -> Result<String> {
    let given = EndpointUrl::from(endpoint);
    let endpoint = given.text()?.trim_end_matches('/');
    Ok(if endpoint.contains("://") {
        endpoint.to_owned()
    } else {
        format!("{scheme}://{endpoint}")
    })
}

fn chain() -> Access {
    Access {
        endpoint: None,
        region: None,
        addressing: None,
        identity: Identity::Chain,
        tls: Tls::default(),
        customer_key: None,
        request_checksums: None,
        response_checksums: None,
    }
}

fn s3(source: &Source, fields: &Fields) -> Result<Access> {
    let endpoint = fields.get("endpoint");
    let endpoint = endpoint.map(|url| with_scheme(url, "https"));
    Ok(Access {
        endpoint: endpoint.transpose()?,
        region: region(source, fields)?,
        addressing: addressing(fields)?,
        identity: identity(source, fields)?,
        tls: Tls {
            trust: trust(fields)?,
            ca_pem: fields.get("trustedCaCert").map(str::to_owned),
        },
        customer_key: CustomerKey::of(fields)?,
        request_checksums: checksums(fields, "requestChecksumCalculation")?,
        response_checksums: checksums(fields, "responseChecksumValidation")?,
    })
}

/// As the reference: files must name it, a JSON file may leave it to the chain.
fn region(source: &Source, fields: &Fields) -> Result<Option<String>> {
    match source {
        Source::Directory(_) => fields.need("region").map(|region| Some(region.to_owned())),
        Source::Json(_) => Ok(fields.get("region").map(str::to_owned)),
    }
}

/// What is said, and only that: the reference takes silence for a bucket before the host, which outside
/// of AWS leads nowhere.
fn addressing(fields: &Fields) -> Result<Option<AddressingStyle>> {
    let said = fields.get("s3ForcePathStyle").is_some();
    let forced = fields.flag("s3ForcePathStyle")?;
    Ok(said.then_some(match forced {
        true => AddressingStyle::Path,
        false => AddressingStyle::Virtual,
    }))
}

fn trust(fields: &Fields) -> Result<Trust> {
    let anybody = fields.flag("insecureSkipVerify")?;
    Ok(if anybody {
        Trust::Anybody
    } else {
        Trust::Verified
    })
}

fn checksums(fields: &Fields, name: &str) -> Result<Option<Checksums>> {
    match fields.get(name).map(str::to_ascii_lowercase).as_deref() {
        None => Ok(None),
        Some("when_supported") => Ok(Some(Checksums::WhenSupported)),
        Some("when_required") => Ok(Some(Checksums::WhenRequired)),
        Some(_) => Err(fields.wrong(format!(
            "{name} is neither when_supported nor when_required"
        ))),
    }
}

/// Keys if there are any, else the role. Its token is a file beside the others, or where the JSON
/// says.
fn identity(source: &Source, fields: &Fields) -> Result<Identity> {
    if let (Some(id), Some(_)) = (fields.get("accessKeyID"), fields.get("secretAccessKey")) {
        return Ok(Identity::Keys {
            id: id.to_owned(),
            secret: fields.secret("secretAccessKey")?,
            session: fields.get("sessionToken").map(SecretString::from),
        });
    }
    let token_file = match source {
        Source::Directory(dir) if fields.get("token").is_some() => {
            Some(dir.join("token").display().to_string())
        }
        _ => fields.get("tokenPath").map(str::to_owned),
    };
    match (fields.get("roleARN"), token_file) {
        (Some(role), Some(token_file)) => Ok(Identity::Role {
            role: role.to_owned(),
            token_file,
        }),
        _ => Err(fields
            .wrong("neither accessKeyID and secretAccessKey nor roleARN and a token are there")),
    }
}

fn ocs(fields: &Fields) -> Result<Access> {
    let scheme = if fields.flag("disableSSL")? {
        "http"
    } else {
        "https"
    };
    Ok(Access {
        endpoint: Some(with_scheme(fields.need("endpoint")?, scheme)?),
        region: Some(fields.need("region")?.to_owned()),
        addressing: Some(AddressingStyle::Path),
        identity: Identity::Keys {
            id: fields.need("accessKeyID")?.to_owned(),
            secret: fields.secret("secretAccessKey")?,
            session: None,
        },
        tls: Tls {
            trust: trust(fields)?,
            ca_pem: fields.get("trustedCaCert").map(str::to_owned),
        },
        ..chain()
    })
}

/// ECS knows no files. In the reference its variables never have a prefix, so that a copy between two of them is not possible;
/// here those of the store's role count as soon as there is one, and then no other does: a key is never sent to the wrong host.
fn ecs(environment: &Environment) -> Result<Access> {
    let names = [
        ("endpoint", "ECS_ENDPOINT"),
        ("accessKeyID", "ECS_ACCESS_KEY_ID"),
        ("secretAccessKey", "ECS_SECRET_ACCESS_KEY"),
        ("disableSSL", "ECS_DISABLE_SSL"),
        ("insecureSkipVerify", "ECS_INSECURE_SKIP_VERIFY"),
    ];
    let is_of_role = names
        .iter()
        .any(|(_, name)| environment.get(name).is_some());
    let value = |variable| match is_of_role {
        true => environment.get(variable),
        false => environment.of_process(variable),
    };
    let set = names.iter().filter_map(|(field, variable)| {
        let value = value(variable)?;
        Some(((*field).to_owned(), value.to_owned()))
    });
    let fields = Fields::new(environment.name("ECS_*"), set);
    for (field, variable) in &names[..3] {
        if fields.get(field).is_none() {
            let variable = environment.name(variable);
            let message = format!("no credentials: {variable} is not set");
            return Err(Error::new(ErrorKind::Config, "open", message));
        }
    }
    let mut access = ocs(&Fields::new(
        fields.origin().to_owned(),
        // The reference has this fixed.
        names
            .iter()
            .filter_map(|(field, _)| Some(((*field).to_owned(), fields.get(field)?.to_owned())))
            .chain([("region".to_owned(), "US-Standard".to_owned())]),
    ))?;
    access.tls.ca_pem = None;
    Ok(access)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn json(text: &str) -> Result<Access> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("credentials.json");
        fs::write(&path, text).unwrap();
        let source = Source::Json(path);
        s3(&source, &source.read()?)
    }

    /// The keys of JSON and the names of files are those of etcd-backup-restore 0.44, and nothing tried some of them.
    #[test]
    fn the_forms_of_the_reference_are_read() {
        let access = json(
            r#"{"accessKeyID": "id", "secretAccessKey": "hush", "region": "r", "bucketName": "unused",
                "endpoint": "store:9000", "s3ForcePathStyle": true, "insecureSkipVerify": true,
                "requestChecksumCalculation": "When_Required", "responseChecksumValidation": "when_supported"}"#,
        );
        let access = access.unwrap();
        assert!(matches!(&access.identity, Identity::Keys { id, .. } if id == "id"));
        assert_eq!(access.endpoint.as_deref(), Some("https://store:9000"));
        assert_eq!(access.addressing, Some(AddressingStyle::Path));
        assert!(matches!(access.tls.trust, Trust::Anybody));
        let sums = (access.request_checksums, access.response_checksums);
        assert!(matches!(
            sums,
            (
                Some(Checksums::WhenRequired),
                Some(Checksums::WhenSupported)
            )
        ));
        assert!(json(r#"{"accessKeyID": "id"}"#).is_err());
    }

    #[test]
    fn a_role_has_its_token_in_a_file_beside_it_or_where_the_json_says() {
        let dir = tempfile::tempdir().unwrap();
        for (name, value) in [("roleARN", "arn:role\n"), ("token", "jwt"), ("region", "r")] {
            fs::write(dir.path().join(name), value).unwrap();
        }
        let source = Source::Directory(dir.path().to_owned());
        let beside = s3(&source, &source.read().unwrap()).unwrap();
        let said = json(r#"{"roleARN": "arn:role", "tokenPath": "/var/run/token"}"#).unwrap();
        let of_files = dir.path().join("token").display().to_string();
        for (access, expected) in [(beside, &*of_files), (said, "/var/run/token")] {
            let Identity::Role { role, token_file } = access.identity else {
                unreachable!("{:?}", access.identity)
            };
            assert_eq!((&*role, &*token_file), ("arn:role", expected));
        }
        fs::remove_file(dir.path().join("region")).unwrap();
        let error = s3(&source, &source.read().unwrap()).unwrap_err();
        assert!(error.to_string().contains("region"), "{error}");
    }
}
