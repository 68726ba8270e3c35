//! What a test puts into an API server.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use super::process::ApiServer;

/// A service account, and its namespace.
#[derive(Debug, Clone, Copy)]
pub struct ServiceAccount<'a> {
    pub namespace: &'a str,
    pub name: &'a str,
}

const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces";
const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1/namespaces";

impl ApiServer {
    /// Makes a namespace with this account in it, which may do nothing yet.
    pub async fn make_account(&self, account: ServiceAccount<'_>) -> Result<()> {
        let ServiceAccount { namespace, name } = account;
        let object =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
        self.make("/api/v1/namespaces", object).await?;
        let object =
            json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}});
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts");
        self.make(&path, object).await?;
        Ok(())
    }

    /// Lets the account do this with leases of its namespace, and nothing else.
    pub async fn allow_leases(&self, account: ServiceAccount<'_>, verbs: &[&str]) -> Result<()> {
        let ServiceAccount { namespace, name } = account;
        let role = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": name},
            "rules": [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": verbs}],
        });
        self.make(&format!("{RBAC}/{namespace}/roles"), role)
            .await?;
        let binding = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
        });
        self.make(&format!("{RBAC}/{namespace}/rolebindings"), binding)
            .await?;
        Ok(())
    }

    /// A token of the account, as a pod gets one.
    pub async fn token(&self, account: ServiceAccount<'_>) -> Result<String> {
        let ServiceAccount { namespace, name } = account;
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token");
        let asked = json!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 600},
        });
        let made = self.make(&path, asked).await?;
        let token = made["status"]["token"].as_str();
        Ok(token.with_context(|| format!("{made}"))?.to_owned())
    }

    /// Mounts into `directory` what a pod of the account gets.
    pub async fn mount(&self, account: ServiceAccount<'_>, directory: &Path) -> Result<()> {
        let token = self.token(account).await?;
        for (file, text) in [
            ("token", token.as_str()),
            ("ca.crt", self.ca()),
            ("namespace", account.namespace),
        ] {
            fs::write(directory.join(file), text)?;
        }
        Ok(())
    }

    /// Makes a lease as etcd-druid does, without a holder.
    pub async fn make_lease(&self, namespace: &str, name: &str) -> Result<()> {
        let lease = json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": name}, "spec": {},
        });
        self.make(&format!("{LEASES}/{namespace}/leases"), lease)
            .await?;
        Ok(())
    }

    /// The lease as it is now.
    pub async fn lease(&self, namespace: &str, name: &str) -> Result<Value> {
        let path = format!("{LEASES}/{namespace}/leases/{name}");
        let (status, lease) = self.ask(Method::GET, &path, Value::Null).await?;
        ensure!(status == 200, "{path}: {status} {lease}");
        Ok(lease)
    }
}
