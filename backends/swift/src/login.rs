//! A login: who, and where.

use snapstore_cloud::SecretString;

/// Who logs in, and where.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    /// Keystone's address, up to and with `/v3`.
    pub(crate) auth_url: String,
    /// Which of the catalogue's object stores; `None` for the first.
    pub(crate) region: Option<String>,
    /// Which of its addresses.
    pub(crate) interface: Interface,
    pub(crate) identity: Identity,
}

/// Whom an address of the catalogue is for (Identity API v3, "Service catalog and endpoints").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interface {
    Public,
    /// Inside of the cloud, where the public one is often not reached.
    Internal,
    Admin,
}

impl Interface {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Admin => "admin",
        }
    }

    /// By its name, or as version 2 called it (`internalURL`), which is in many an openrc.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let name = text.strip_suffix("url").unwrap_or(&text);
        [Self::Public, Self::Internal, Self::Admin]
            .into_iter()
            .find(|interface| interface.name() == name)
    }
}

/// How.
#[derive(Debug, Clone)]
pub(crate) enum Identity {
    /// A user of a domain, for a project of the same domain.
    Password {
        user: String,
        password: SecretString,
        domain: String,
        project: String,
    },
    /// A credential that is bound to its project.
    ApplicationCredential { by: Named, secret: SecretString },
}

/// How an application credential is named. Its own name is unique for its user alone.
#[derive(Debug, Clone)]
pub(crate) enum Named {
    Id(String),
    NameOfUser { name: String, user_id: String },
}
