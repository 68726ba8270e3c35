use snapstore::{Environment, Error, ErrorKind, Result};
use snapstore_cloud::credentials::{Fields, Source, Watch};

use crate::config::{Identity, Interface, Login, Named};

/// Where the login comes from, to be read as often as it changes.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    environment: Environment,
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
    pub(crate) fn find(environment: &Environment) -> Result<Self> {
        Ok(Self {
            environment: environment.clone(),
            source: Source::find(environment, "OPENSTACK_APPLICATION_CREDENTIALS")?,
        })
    }

    /// The files that change when the credentials do.
    pub(crate) fn watch(&self) -> Watch {
        self.source
            .as_ref()
            .map_or_else(Watch::nothing, Source::watch)
    }

    /// The login as it is now.
    pub(crate) fn read(&self) -> Result<Login> {
        let fields = match &self.source {
            Some(source) => source.read()?,
            None => self.openrc()?,
        };
        // The reference looks at the variable alone and never at the region in the credentials.
        let region = fields
            .get("region")
            .or(self.environment.get("OS_REGION_NAME"));
        Ok(Login {
            auth_url: auth_url(fields.need("authURL")?),
            region: region.map(str::to_owned),
            interface: self.interface()?,
            identity: identity(&fields)?,
        })
    }

    /// As OpenStack's own tools are told; the older variable counts where the newer is not set.
    fn interface(&self) -> Result<Interface> {
        let variables = ["OS_INTERFACE", "OS_ENDPOINT_TYPE"];
        let mut set = variables
            .into_iter()
            .filter_map(|variable| Some((variable, self.environment.get(variable)?)));
        let Some((variable, name)) = set.next() else {
            return Ok(Interface::default());
        };
        Interface::of(name).ok_or_else(|| {
            let variable = self.environment.name(variable);
            let message = format!("{variable} is none of public, internal and admin");
            Error::new(ErrorKind::Config, "open", message)
        })
    }

    fn openrc(&self) -> Result<Fields> {
        let set = OPENRC.iter().filter_map(|(field, variable)| {
            let value = self.environment.get(variable)?;
            Some(((*field).to_owned(), value.to_owned()))
        });
        let fields = Fields::new(self.environment.name("OS_*"), set);
        if fields.get("authURL").is_none() {
            let message = format!(
                "no credentials: set {} to a directory with a file for each value, or the \
                 variables of OpenStack's own tools ({}, ...)",
                self.environment.name("OPENSTACK_APPLICATION_CREDENTIALS"),
                self.environment.name("OS_AUTH_URL")
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

    fn read(set: &[(&str, &str)]) -> Result<Login> {
        let set = set
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Origin::find(&Environment::new(set))?.read()
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

    /// On a machine inside OpenStack's own network the public address may not be reachable.
    #[test]
    fn the_interface_is_chosen_as_by_openstacks_tools() {
        let with = |set: &[(&'static str, &'static str)]| {
            let mut all = USER.to_vec();
            all.extend(set);
            read(&all).map(|login| login.interface)
        };
        assert_eq!(with(&[]).unwrap(), Interface::Public);
        let internal = ("OS_INTERFACE", "internal");
        assert_eq!(with(&[internal]).unwrap(), Interface::Internal);
        let older = ("OS_ENDPOINT_TYPE", "adminURL");
        assert_eq!(with(&[older]).unwrap(), Interface::Admin);
        assert_eq!(with(&[older, internal]).unwrap(), Interface::Internal);
        let error = with(&[("OS_INTERFACE", "outside")]).unwrap_err();
        assert!(error.to_string().contains("OS_INTERFACE"), "{error}");
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
