use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::Client;
use reqwest::redirect::Policy;
use tokio::sync::Mutex;

use crate::api::{Request, send};
use crate::error::{Error, ErrorKind, Result};
use crate::lease::{Lease, Renewal};
use crate::leases::Leases;
use crate::service_account::{ApiServer, ServiceAccount};

/// Until a connection stands, and for a whole request.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(20);

/// The leases of the namespace of a pod, by the API of its cluster.
#[derive(Debug)]
pub struct InCluster {
    server: ApiServer,
    account: ServiceAccount,
    namespace: Option<String>,
    /// The client that trusts this CA, in PEM.
    client: Mutex<Option<(String, Arc<Client>)>>,
}

impl InCluster {
    /// Those of `namespace`; of that of the pod where none is given. Nothing is read yet, and nobody asked.
    pub fn new(server: ApiServer, account: ServiceAccount, namespace: Option<String>) -> Self {
        Self {
            server,
            account,
            namespace,
            client: Mutex::default(),
        }
    }

    /// Token and CA are read for each request: both are replaced while a pod runs, a token every hour.
    async fn ask(&self, name: &str, request: Request<'_>) -> Result<Vec<u8>> {
        let authority = self.server.authority()?;
        let namespace = match &self.namespace {
            Some(namespace) => namespace.clone(),
            None => self.account.namespace().await?,
        };
        let (token, ca) = (self.account.token().await?, self.account.ca().await?);
        let client = self.client_for(ca).await?;
        let url = format!(
            "https://{authority}/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases/{name}"
        );
        send(&client, (&url, &token), request).await
    }

    async fn client_for(&self, ca: String) -> Result<Arc<Client>> {
        let mut known = self.client.lock().await;
        if let Some((of, client)) = &*known
            && *of == ca
        {
            return Ok(client.clone());
        }
        let builder = Client::builder()
            .tls_backend_preconfigured(self.account.tls(&ca)?)
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            // The API of the cluster is reached without, and a token goes nowhere else.
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(concat!("etcdbrctl/", env!("CARGO_PKG_VERSION")));
        let client = builder.build();
        let client = client.map_err(|error| Error::new(ErrorKind::NoCluster, error))?;
        let client = Arc::new(client);
        *known = Some((ca, client.clone()));
        Ok(client)
    }
}

#[async_trait]
impl Leases for InCluster {
    async fn read(&self, name: &str) -> Result<Lease> {
        Lease::read(name, &self.ask(name, Request::Get).await?)
    }

    async fn write(&self, name: &str, read: &Lease, renewal: &Renewal) -> Result<()> {
        let patch = renewal.patch(&read.resource_version);
        let written = self.ask(name, Request::Patch(&patch)).await?;
        let written = Lease::read(name, &written)?;
        match written.holder.as_ref() == Some(&renewal.holder) {
            true => Ok(()),
            false => {
                let message = format!(
                    "the lease {name} holds {:?} after {:?} was written into it",
                    written.holder, renewal.holder
                );
                Err(Error::new(ErrorKind::Odd, message))
            }
        }
    }
}
