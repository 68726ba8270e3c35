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

/// For whom an address in the catalogue is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Interface {
    #[default]
    Public,
    /// For those inside OpenStack's own network.
    Internal,
    Admin,
}

impl Interface {
    /// Out of a name as OpenStack's tools take it, `internal` or the older `internalURL`.
    pub(crate) fn of(name: &str) -> Option<Self> {
        match name.strip_suffix("URL").unwrap_or(name) {
            "public" => Some(Self::Public),
            "internal" => Some(Self::Internal),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }

    /// As the catalogue has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Admin => "admin",
        }
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
