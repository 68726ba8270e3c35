use snapstore_cloud::SecretString;

/// Who logs in, and where.
#[derive(Debug, Clone)]
pub(crate) struct Login {
    /// Keystone's address, up to and with `/v3`.
    pub(crate) auth_url: String,
    /// Which of the catalogue's object stores; `None` for the first.
    pub(crate) region: Option<String>,
    pub(crate) identity: Identity,
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
