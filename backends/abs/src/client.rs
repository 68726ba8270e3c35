use std::sync::Arc;

use azure_core::http::policies::Policy;
use azure_core::http::{ClientOptions, RetryOptions, Transport as SdkTransport, Url};
use azure_storage_blob::clients::{BlobClient, BlobContainerClient, BlobContainerClientOptions};
use snapstore::{Error, ErrorKind, Result};
use snapstore_cloud::http::{Tls, client as http_client};

use crate::checksum::Checksum;
use crate::config::Settings;
use crate::credentials::{Access, Proof};
use crate::identity::identity;
use crate::signing::SharedKey;
use crate::transport::Transport;

/// The version of the protocol, named in every request: what a service understands then does not
/// change under us. Retention of single versions came with 2020-06-12; this one is understood by
/// the emulator too, and has all that is needed.
const VERSION: &str = "2024-11-04";

/// One container, with the credentials of the moment.
pub(crate) struct Client {
    pub(crate) container: BlobContainerClient,
    /// The container's name.
    pub(crate) name: String,
    /// The address of the container; may hold a token.
    address: Url,
    /// What this service takes along with a block.
    pub(crate) checksum: Checksum,
}

impl Client {
    /// Asks nothing of the store yet.
    ///
    /// Errors: `Config`.
    pub(crate) fn connect(settings: &Settings, access: Access) -> Result<Self> {
        let transport = SdkTransport::new(Arc::new(Transport(http_client(&Tls::default())?)));
        // The layers above try again; here each call is one request.
        let plain = ClientOptions {
            retry: RetryOptions::none(),
            transport: Some(transport),
            ..ClientOptions::default()
        };
        let mut client_options = plain.clone();
        let mut token = None;
        match access.proof {
            Proof::Key { account, key } => {
                let policy: Arc<dyn Policy> = Arc::new(SharedKey { account, key });
                client_options.per_try_policies.push(policy);
            }
            Proof::Token => {}
            // Getting a token is a call of the SDK's own, which no layer repeats.
            Proof::Identity => {
                let patient = ClientOptions {
                    retry: RetryOptions::default(),
                    ..plain
                };
                token = Some(identity(&settings.environment, patient)?);
            }
        }
        let options = BlobContainerClientOptions {
            client_options,
            version: VERSION.to_owned(),
        };
        let address = access.container.clone();
        let container = BlobContainerClient::new(access.container, token, Some(options));
        let container = container.map_err(|_| {
            // The SDK's words would show the address, which may be signed.
            let message = "cannot set up the client for this endpoint";
            Error::new(ErrorKind::Config, "open", message)
        })?;
        Ok(Self {
            container,
            name: settings.bucket.clone(),
            address,
            checksum: Checksum::default(),
        })
    }

    /// Which service it is, for [`Capabilities::service`](snapstore::Capabilities::service): the account.
    pub(crate) fn service(&self) -> String {
        let mut account = self.address.clone();
        account.set_query(None);
        if let Ok(mut segments) = account.path_segments_mut() {
            segments.pop();
        }
        format!("abs {account}")
    }

    /// The address of a blob in a container of the same account, which proves what those of this container prove.
    pub(crate) fn address_of(&self, container: &str, name: &str) -> Url {
        let mut address = self.address.clone();
        if let Ok(mut segments) = address.path_segments_mut() {
            segments.pop().push(container).extend(name.split('/'));
        }
        address
    }

    pub(crate) fn blob(&self, name: &str) -> BlobClient {
        self.container.blob_client(name)
    }
}
