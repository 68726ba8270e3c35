use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use osauth::client::RequestBuilder;
use osauth::common::IdOrName;
use osauth::identity::{ApplicationCredential, Password, Scope};
use osauth::services::OBJECT_STORAGE;
use osauth::{Error as OsError, InterfaceType, Session};
use reqwest_012::{Client, Method, Response, Url};
use snapstore::{Error, ErrorKind, Result};
use snapstore_cloud::ExposeSecret;
use snapstore_cloud::http::{self, Tls};

use crate::config::{Identity, Interface, Login, Named};
use crate::error::{broken, from_session, good};
use crate::layout::encoded;
use crate::list::PAGE;

/// As those of the client that the other stores share.
const CONNECT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(240);
const IDLE: Duration = Duration::from_secs(50);

/// A session with a token, and where its object store is.
#[derive(Debug)]
pub(crate) struct Swift {
    session: Session,
    /// The account's address, without a slash at its end.
    account: String,
    /// Names that this server gives at once, as far as is known.
    pub(crate) page: AtomicUsize,
}

impl Swift {
    /// Logs in.
    pub(crate) async fn connect(login: Login) -> Result<Self> {
        let client = http_client()?;
        http::warn_if_clear("the password of the login", &login.auth_url);
        let mut session = match log_in(client.clone(), &login).await {
            Ok(session) => session,
            Err(failed) => return Err(why(&client, &login, failed).await),
        };
        if let Some(region) = &login.region {
            session.set_region(region);
        }
        session.set_endpoint_interface(match login.interface {
            Interface::Public => InterfaceType::Public,
            Interface::Internal => InterfaceType::Internal,
            Interface::Admin => InterfaceType::Admin,
        });
        let nothing: [&str; 0] = [];
        let found = session.get_endpoint(OBJECT_STORAGE, nothing).await;
        let account = found.map_err(|error| no_endpoint(error, &login))?;
        http::warn_if_clear("the token of the login", account.as_str());
        // Any answer will do. The session keeps to itself why there is none, a certificate that nobody
        // trusts for one, and it is another server than Keystone.
        let asked = client.get(account.as_str()).send().await;
        asked.map_err(|error| broken("open", error))?;
        Ok(Self {
            account: account.as_str().trim_end_matches('/').to_owned(),
            session,
            page: AtomicUsize::new(PAGE),
        })
    }

    /// A request for `name` in `container`; for the container itself if it is empty.
    pub(crate) fn request(
        &self,
        operation: &'static str,
        method: Method,
        container: &str,
        name: &str,
    ) -> Result<RequestBuilder> {
        let mut address = format!("{}/{}", self.account, encoded(container));
        if !name.is_empty() {
            address = format!("{address}/{}", encoded(name));
        }
        let url = Url::parse(&address).map_err(|error| {
            let message = format!("{name:?} makes no address: {error}");
            Error::new(ErrorKind::Config, operation, message)
        })?;
        Ok(self.session.client().request(method, url))
    }
}

/// Sends it; any answer but a good one is an error.
pub(crate) async fn send(operation: &'static str, request: RequestBuilder) -> Result<Response> {
    good(operation, reply(operation, request).await?).await
}

/// Sends it, whatever the answer is.
pub(crate) async fn reply(operation: &'static str, request: RequestBuilder) -> Result<Response> {
    let sent = request.send_unchecked().await;
    sent.map_err(|error| from_session(operation, error))
}

fn http_client() -> Result<Client> {
    let built = Client::builder()
        .use_preconfigured_tls(http::verified(&Tls::default())?)
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        .pool_idle_timeout(IDLE)
        // The token would go along, in a header that the client does not know to be secret.
        .redirect(reqwest_012::redirect::Policy::none())
        // Bodies come as they are stored. The library switches a feature on with which the client
        // asks for gzip in every request and unpacks what is stored packed, without its length.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate()
        .user_agent(concat!("etcdbrctl/", env!("CARGO_PKG_VERSION")))
        .build();
    built.map_err(|error| {
        let message = format!("cannot set up TLS: {error}");
        Error::new(ErrorKind::Config, "open", message)
    })
}

async fn log_in(client: Client, login: &Login) -> std::result::Result<Session, OsError> {
    match &login.identity {
        Identity::Password {
            user,
            password,
            domain,
            project,
        } => {
            let who = Password::new(&login.auth_url, user, password.expose_secret(), domain)?;
            let scope = Scope::Project {
                project: IdOrName::Name(project.clone()),
                domain: Some(IdOrName::Name(domain.clone())),
            };
            Session::new_with_client(client, who.with_scope(scope)).await
        }
        Identity::ApplicationCredential { by, secret } => {
            let secret = secret.expose_secret();
            let who = match by {
                Named::Id(id) => ApplicationCredential::new(&login.auth_url, id, secret)?,
                Named::NameOfUser { name, user_id } => {
                    ApplicationCredential::with_user_id(&login.auth_url, name, secret, user_id)?
                }
            };
            Session::new_with_client(client, who).await
        }
    }
}

/// Of a connection that broke, the library's error says no more than that it broke. One that cannot
/// be had, for a certificate that nobody trusts, is seen by asking once more.
async fn why(client: &Client, login: &Login, failed: OsError) -> Error {
    if failed.kind() == osauth::ErrorKind::ProtocolError
        && let Err(error) = client.get(&login.auth_url).send().await
    {
        return broken("open", error);
    }
    from_session("open", failed)
}

fn no_endpoint(error: OsError, login: &Login) -> Error {
    if error.kind() != osauth::ErrorKind::EndpointNotFound {
        return from_session("open", error);
    }
    let place = login
        .region
        .as_ref()
        .map_or(String::new(), |region| format!(" in the region {region:?}"));
    let message = format!(
        "the catalogue of {} has no {} object store{place}; the region comes from the credentials or \
         OS_REGION_NAME, and which address of it from OS_INTERFACE",
        login.auth_url,
        login.interface.name()
    );
    Error::new(ErrorKind::Config, "open", message)
}
