use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind as SdkKind;
use azure_core::http::ClientOptions;
use azure_identity::{
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};
use snapstore::{Environment, Error, ErrorKind, Result};
use snapstore_cloud::Metadata;
use snapstore_cloud::credentials::path_of_process;

/// The identity that the environment describes, by the variables of Azure's own libraries: that of
/// a workload in Kubernetes, an application with a secret, or else that of the machine.
pub(crate) fn identity(
    environment: &Environment,
    client: ClientOptions,
) -> Result<Arc<dyn TokenCredential>> {
    let variable = |name| environment.of_process(name).map(str::to_owned);
    let (tenant, application) = (variable("AZURE_TENANT_ID"), variable("AZURE_CLIENT_ID"));
    if let Some(file) = path_of_process(environment, "AZURE_FEDERATED_TOKEN_FILE")? {
        let options = WorkloadIdentityCredentialOptions {
            credential_options: ClientAssertionCredentialOptions {
                client_options: client,
            },
            client_id: Some(needed("AZURE_CLIENT_ID", application)?),
            tenant_id: Some(needed("AZURE_TENANT_ID", tenant)?),
            token_file_path: Some(file),
        };
        return Ok(WorkloadIdentityCredential::new(Some(options)).map_err(unusable)?);
    }
    if let Some(secret) = variable("AZURE_CLIENT_SECRET") {
        let options = ClientSecretCredentialOptions {
            client_options: client,
        };
        let tenant = needed("AZURE_TENANT_ID", tenant)?;
        let application = needed("AZURE_CLIENT_ID", application)?;
        let secret = Secret::new(secret);
        let made = ClientSecretCredential::new(&tenant, application, secret, Some(options));
        return Ok(made.map_err(unusable)?);
    }
    let options = ManagedIdentityCredentialOptions {
        user_assigned_id: application.map(UserAssignedId::ClientId),
        client_options: client,
    };
    let machine = ManagedIdentityCredential::new(Some(options)).map_err(unusable)?;
    Ok(Arc::new(OfMachine {
        machine,
        metadata: Metadata::service(REMEDY),
    }))
}

/// What to do where no machine gives tokens.
const REMEDY: &str = "set AZURE_APPLICATION_CREDENTIALS to a directory with storageAccount and \
                      storageKey, or the identity of a workload (AZURE_TENANT_ID, AZURE_CLIENT_ID, \
                      AZURE_FEDERATED_TOKEN_FILE)";

/// The machine's identity, which is not waited for for ever.
#[derive(Debug)]
struct OfMachine {
    machine: Arc<ManagedIdentityCredential>,
    metadata: Metadata,
}

#[async_trait]
impl TokenCredential for OfMachine {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let asking = self.machine.get_token(scopes, options);
        let told = self.metadata.answer("open", asking).await;
        told.map_err(|silent| azure_core::Error::new(SdkKind::Credential, silent))?
    }
}

fn needed(name: &str, value: Option<String>) -> Result<String> {
    value.ok_or_else(|| {
        let message = format!("the identity in the environment is not whole: {name} is not set");
        Error::new(ErrorKind::Config, "open", message)
    })
}

fn unusable(error: azure_core::Error) -> Error {
    let message = format!("the identity in the environment cannot be used: {error}");
    Error::new(ErrorKind::Config, "open", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(set: &[(&str, &str)]) -> Result<String> {
        let set = set
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()));
        let identity = identity(&Environment::new(set), ClientOptions::default())?;
        Ok(format!("{identity:?}"))
    }

    #[test]
    fn the_environment_chooses() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let file = file.path().to_str().unwrap();
        let (tenant, client) = (("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "c"));
        let workload = chosen(&[tenant, client, ("AZURE_FEDERATED_TOKEN_FILE", file)]).unwrap();
        assert!(workload.contains("WorkloadIdentity"), "{workload}");
        let secret = chosen(&[tenant, client, ("AZURE_CLIENT_SECRET", "hush")]).unwrap();
        assert!(
            secret.contains("ClientSecret") && !secret.contains("hush"),
            "{secret}"
        );
        assert!(chosen(&[]).unwrap().contains("ManagedIdentity"));
        let error = chosen(&[client, ("AZURE_CLIENT_SECRET", "hush")]).unwrap_err();
        assert!(error.to_string().contains("AZURE_TENANT_ID"), "{error}");
    }
}
