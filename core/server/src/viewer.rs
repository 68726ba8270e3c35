use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use futures::future::select;
use http::header::HOST;
use http::{HeaderMap, StatusCode, Uri};
use page::Known;
use snapstore::clock::Clock;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::http::{Closing, Listener, Service, bind, is_loopback, shown, text};
use crate::ports::{StoreLook, WallClock};
use crate::settings::{Limits, Listen};

/// Shows a store to whoever looks from this machine, and does nothing else.
pub struct Viewer {
    shown: Shown,
    socket: TcpListener,
    address: SocketAddr,
    clock: Arc<dyn Clock>,
}

/// Why who asks by another name is not answered.
const OTHER_NAME: &str = "this page is shown by the names of this machine alone, as localhost and 127.0.0.1: whoever gives another name its \
     address could otherwise read it from a page of their own";

/// What is shown.
#[derive(Clone)]
struct Shown {
    store: Arc<dyn StoreLook>,
    version: String,
    now: WallClock,
}

impl Viewer {
    /// Opens the socket.
    ///
    /// Errors: [`Error::Listen`] for an address that is taken, [`Error::Config`] for one that others than this machine
    /// reach: nobody is asked who they are.
    pub async fn bind(
        address: SocketAddr,
        store: Arc<dyn StoreLook>,
        (clock, now): (Arc<dyn Clock>, WallClock),
        version: String,
    ) -> Result<Self> {
        if !is_loopback(address.ip()) {
            let message = format!(
                "{address} is reached from other machines, and nobody is asked who they are: listen on 127.0.0.1 or [::1], and \
                 come from elsewhere through a tunnel of ssh or kubectl"
            );
            return Err(Error::Config(message));
        }
        let socket = bind(Listen::At(address)).await?;
        let address = socket
            .local_addr()
            .map_err(|why| Error::Listen { address, why })?;
        let shown = Shown {
            store,
            version,
            now,
        };
        Ok(Self {
            shown,
            socket,
            address,
            clock,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is cancelled, and then no longer than the answers take that are under way.
    pub async fn run(self, stop: CancellationToken) {
        let limits = Limits::default();
        let router = Router::new().route("/", get(answer)).with_state(self.shown);
        let (closing, clock) = (Closing::default(), self.clock.clone());
        let listener = Listener {
            service: Service::of(router, &limits),
            certificates: None,
            limits,
            clock: self.clock,
        };
        let accepting = listener.accept(self.socket, closing.clone());
        closing.loops.spawn(accepting);
        stop.cancelled().await;
        closing.gently.cancel();
        closing.loops.close();
        closing.loops.wait().await;
        closing.connections.close();
        let waited = std::pin::pin!(closing.connections.wait());
        select(waited, clock.sleep(limits.header_timeout)).await;
        closing.now.cancel();
        closing.connections.wait().await;
    }
}

async fn answer(State(this): State<Shown>, headers: HeaderMap, uri: Uri) -> Response {
    if !is_of_this_machine(&headers) {
        return text(StatusCode::FORBIDDEN, OTHER_NAME);
    }
    let known = Known {
        now: (this.now)(),
        version: this.version.clone(),
        store: Some(this.store.look()),
        sidecar: None,
    };
    shown(&known, &uri)
}

/// Whether it was asked for by a name of this machine. A page of another site could have its own name lead here, and read what
/// it gets.
fn is_of_this_machine(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let Ok(authority) = http::uri::Authority::try_from(host.as_bytes()) else {
        return false;
    };
    if authority.as_str().contains('@') {
        return false;
    }
    let name = authority.host();
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || address.parse().is_ok_and(is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name of another site that leads to this machine made its pages able to read what is shown.
    #[test]
    fn other_names_are_not_of_this_machine() {
        for (host, is) in [
            ("localhost", true),
            ("evil.example@localhost", false),
            ("LocalHost:9000", true),
            ("127.0.0.1:8379", true),
            ("[::1]:8379", true),
            ("127.0.0.1.example.org", false),
            ("localhost.example.org", false),
            ("example.org:8379", false),
            ("10.0.0.1", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, host.parse().unwrap());
            assert_eq!(is_of_this_machine(&headers), is, "{host:?}");
        }
        assert!(!is_of_this_machine(&HeaderMap::new()));
    }
}
