use snapstore::{Error, ErrorKind, Result};
use snapstore_cloud::credentials::{Fields, Source, Watch};

use crate::config::Settings;
use crate::login::{Identity, Login, Named};

/// Where the login comes from, to be read as often as it changes.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    settings: Settings,
    source: Option<Source>,
}

/// The variables that OpenStack's own tools read, for a machine on which their `openrc` was
/// sourced, and the names of the reference's files for them.
const OPENRC: [(&str, &str); 9] = [
    ("authURL", "OS_AUTH_URL"),
    ("username", "OS_USERNAME"),
    ("password", "OS_PASSWORD"),
    ("domainName", "OS_DOMAIN_NAME"),
    ("domainName", "OS_USER_DOMAIN_NAME"),
    ("tenantName", "OS_PROJECT_NAME"),
    ("tenantName", "OS_TENANT_NAME"),
    ("applicationCredentialID", "OS_APPLICATION_CREDENTIAL_ID"),
    (
        "applicationCredentialSecret",
        "OS_APPLICATION_CREDENTIAL_SECRET",
    ),
];

impl Origin {
    pub(crate) fn find(settings: &Settings) -> Result<Self> {
        let source = Source::find(&settings.environment, "OPENSTACK_APPLICATION_CREDENTIALS")?;
        Ok(Self {
            settings: settings.clone(),
            source,
        })
    }

    /// The files that change when the credentials do.
    pub(crate) fn watch(&self) -> Watch {
        Source::watch_any(self.source.as_ref())
    }

    /// The login as it is now.
    pub(crate) fn read(&self) -> Result<Login> {
        let fields = match &self.source {
            Some(source) => source.read()?,
            None => self.openrc()?,
        };
        let settings = &self.settings;
        Ok(Login {
            interface: settings.interface(fields.get("interface"))?,
            auth_url: auth_url(fields.need("authURL")?),
            region: settings.region(fields.get("region")),
            identity: identity(&fields)?,
        })
    }

    fn openrc(&self) -> Result<Fields> {
        let environment = &self.settings.environment;
        let set = OPENRC.iter().filter_map(|(field, variable)| {
            let value = environment.get(variable)?;
            Some(((*field).to_owned(), value.to_owned()))
        });
        let fields = Fields::new(environment.name("OS_*"), set);
        if fields.get("authURL").is_none() {
            let message = format!(
                "no credentials: set {} to a directory with a file for each value, or the \
                 variables of OpenStack's own tools ({}, ...)",
                environment.name("OPENSTACK_APPLICATION_CREDENTIALS"),
                environment.name("OS_AUTH_URL")
            );
            return Err(Error::new(ErrorKind::Config, "open", message));
        }
        Ok(fields)
    }
}

/// Keystone's v3, whether the operator wrote it or not.
fn auth_url(url: &str) -> String {
    let url = url.trim_end_matches('/');
    if url.ends_with("/v3") {
        url.to_owned()
    } else {
        format!("{url}/v3")
    }
}

fn identity(fields: &Fields) -> Result<Identity> {
    let named = |name: &str| fields.get(name).is_some();
    let user = named("username") || named("password");
    let application = named("applicationCredentialID")
        || named("applicationCredentialName")
        || named("applicationCredentialSecret");
    match (user, application) {
        (true, true) if named("password") => {
            Err(fields
                .wrong("a password and an application credential are there; remove one of them"))
        }
        (_, true) => Ok(Identity::ApplicationCredential {
            by: credential_name(fields)?,
            secret: fields.secret("applicationCredentialSecret")?,
        }),
        _ => Ok(Identity::Password {
            user: fields.need("username")?.to_owned(),
            password: fields.secret("password")?,
            domain: fields.need("domainName")?.to_owned(),
            project: fields.need("tenantName")?.to_owned(),
        }),
    }
}

/// Its id says enough. The reference's files hold the name too, without saying whose it is.
fn credential_name(fields: &Fields) -> Result<Named> {
    if let Some(id) = fields.get("applicationCredentialID") {
        return Ok(Named::Id(id.to_owned()));
    }
    Ok(Named::NameOfUser {
        name: fields.need("applicationCredentialName")?.to_owned(),
        user_id: fields.need("userID")?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::login::Interface;
    use snapstore::{Environment, StoreConfig};

    fn read(set: &[(&str, &str)]) -> Result<Login> {
        let set = set
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let config = StoreConfig {
            container: "backups".into(),
            environment: Environment::new(set),
            ..StoreConfig::default()
        };
        Origin::find(&Settings::new(&config)?)?.read()
    }

    const USER: [(&str, &str); 5] = [
        ("OS_AUTH_URL", "https://keystone:5000"),
        ("OS_USERNAME", "u"),
        ("OS_PASSWORD", "hush"),
        ("OS_DOMAIN_NAME", "d"),
        ("OS_PROJECT_NAME", "p"),
    ];

    #[test]
    fn the_variables_of_openstacks_tools_are_enough() {
        let login = read(&USER).unwrap();
        assert_eq!(login.auth_url, "https://keystone:5000/v3");
        assert!(matches!(login.identity, Identity::Password { .. }));
        assert!(!format!("{login:?}").contains("hush"));
    }

    /// Inside of a cloud the public address is often not reached, and no variable of openrc led elsewhere.
    #[test]
    fn which_address_of_the_catalogue_is_said_as_openrc_says_it() {
        for (variable, value, interface) in [
            ("OS_INTERFACE", "internal", Interface::Internal),
            ("OS_ENDPOINT_TYPE", "internalURL", Interface::Internal),
            ("OS_INTERFACE", "Admin", Interface::Admin),
            ("OS_ENDPOINT_TYPE", "publicURL", Interface::Public),
            ("OS_INTERFACE", "", Interface::Public),
        ] {
            let set = [&USER[..], &[(variable, value)]].concat();
            assert_eq!(read(&set).unwrap().interface, interface, "{value}");
        }
        let wrong = [&USER[..], &[("OS_INTERFACE", "hush")]].concat();
        let error = read(&wrong).unwrap_err();
        assert!(error.message().contains("OS_INTERFACE"), "{error}");
        assert!(!error.message().contains("hush"), "{error}");
    }

    #[test]
    fn two_ways_at_once_are_refused() {
        let mut both = USER.to_vec();
        both.push(("OS_APPLICATION_CREDENTIAL_ID", "id"));
        both.push(("OS_APPLICATION_CREDENTIAL_SECRET", "s"));
        assert_eq!(read(&both).unwrap_err().kind(), ErrorKind::Config);
        assert!(
            read(&[])
                .unwrap_err()
                .to_string()
                .contains("OPENSTACK_APPLICATION_CREDENTIALS")
        );
    }

    /// The reference reads the `region` of the credentials and does not use it.
    #[test]
    fn the_region_of_the_credentials_counts() {
        let dir = tempfile::tempdir().unwrap();
        for (name, value) in [
            ("authURL", "http://k/v3/"),
            ("region", "two"),
            ("applicationCredentialID", "id"),
            ("applicationCredentialName", "name"),
            ("applicationCredentialSecret", "s"),
        ] {
            std::fs::write(dir.path().join(name), value).unwrap();
        }
        let path = dir.path().display().to_string();
        let login = read(&[
            ("OPENSTACK_APPLICATION_CREDENTIALS", &*path),
            ("OS_REGION_NAME", "one"),
        ]);
        let login = login.unwrap();
        assert_eq!(login.region.as_deref(), Some("two"));
        assert_eq!(login.auth_url, "http://k/v3");
        let by_id = matches!(
            login.identity,
            Identity::ApplicationCredential {
                by: Named::Id(_),
                ..
            }
        );
        assert!(by_id);
    }
}
