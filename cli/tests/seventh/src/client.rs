use snapstore::Result;
use snapstore_cloud::{ExposeSecret, SecretString};

use crate::error::from_sdk;
use crate::sdk::Session;

/// A session of the moment's token.
#[derive(Debug)]
pub(crate) struct Client(pub(crate) Session);

impl Client {
    pub(crate) fn connect(token: &SecretString) -> Result<Self> {
        let session = Session::open(token.expose_secret());
        session.map(Self).map_err(|fault| from_sdk("open", fault))
    }
}
