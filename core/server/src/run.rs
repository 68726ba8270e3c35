use std::net::SocketAddr;
use std::sync::Arc;

use futures::future::{Either, select};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::http::{App, Certificates, Closing, Listener, Service, bind};
use crate::initialization::{Initialization, Progress};
use crate::metrics::Metrics;
use crate::ports::Ports;
use crate::settings::{Settings, TriggerAccess};
use crate::trigger::Triggers;

/// A server that listens, and answers as soon as it runs.
pub struct Server {
    app: Arc<App>,
    socket: TcpListener,
    address: SocketAddr,
    certificates: Option<Arc<Certificates>>,
}

/// How a server ended that was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everybody was answered, and nothing is under way any more.
    Clean,
    /// Some were still waiting for an answer, or the initialization did not end, when the time was over.
    Cut {
        /// So many connections were closed without an answer.
        connections: usize,
    },
}

impl Server {
    /// Opens the socket and reads the certificates.
    ///
    /// Errors: [`Error::Listen`] for an address that is taken, [`Error::Tls`] for files that are of no use,
    /// [`Error::Config`] for settings that exclude each other.
    pub async fn bind(settings: Settings, ports: Ports, metrics: Arc<Metrics>) -> Result<Self> {
        let client_ca = match (&settings.triggers, &settings.tls) {
            (TriggerAccess::ClientCa(_), None) => {
                let message = "client certificates are asked for, and the server has none itself";
                return Err(Error::Config(message.to_owned()));
            }
            (TriggerAccess::ClientCa(path), Some(_)) => Some(path.clone()),
            (TriggerAccess::Open | TriggerAccess::Token(_), _) => None,
        };
        let certificates = match &settings.tls {
            Some(files) => Some(Arc::new(
                Certificates::open(files.clone(), client_ca).await?,
            )),
            None => None,
        };
        let socket = bind(settings.listen).await?;
        let address = socket.local_addr().map_err(|why| Error::Listen {
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
            why,
        })?;
        let young = settings.limits.young;
        let triggers = ports.snapshots.clone();
        let triggers = triggers.map(|taker| Triggers::new(taker, ports.clock.clone(), young));
        let app = Arc::new(App {
            initialization: Initialization::new(&ports),
            triggers,
            metrics,
            port: address.port(),
            stopping: CancellationToken::new(),
            settings,
            ports,
        });
        Ok(Self {
            app,
            socket,
            address,
            certificates,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How far the initialization is. Looking at it changes nothing, other than `/initialization/status`.
    pub fn initialization(&self) -> watch::Receiver<Progress> {
        self.app.initialization.watch()
    }

    /// Answers until `stop` is cancelled. Then it takes no connection any more, interrupts the initialization, waits
    /// for the answers that are under way, for no longer than [`Settings::stop_within`], and returns.
    pub async fn run(self, stop: CancellationToken) -> Ended {
        let app = self.app;
        let clock = app.ports.clock.clone();
        let limits = app.settings.limits;
        let closing = Closing::default();
        if let Some(certificates) = self.certificates.clone() {
            let (clocks, until) = (
                (clock.clone(), app.ports.now.clone()),
                closing.gently.clone(),
            );
            closing.loops.spawn(async move {
                let every = limits.poll_certificates;
                certificates.follow(clocks, every, until).await;
            });
        }
        let listener = Listener {
            service: Service::new(app.clone()),
            certificates: self.certificates,
            limits,
            clock: clock.clone(),
        };
        closing
            .loops
            .spawn(listener.accept(self.socket, closing.clone()));
        tracing::info!(address = %self.address, "the server listens");
        stop.cancelled().await;
        tracing::info!("the server stops");
        let stopping = std::pin::pin!(orderly(&app, &closing));
        let over = clock.sleep(app.settings.stop_within);
        match select(stopping, over).await {
            Either::Left(_) => Ended::Clean,
            Either::Right(_) => {
                let connections = closing.connections.len();
                closing.now.cancel();
                closing.connections.close();
                closing.connections.wait().await;
                tracing::warn!(connections, "the time to stop is over");
                Ended::Cut { connections }
            }
        }
    }
}

/// First nobody new comes in, then what writes ends, then who waits is answered.
async fn orderly(app: &App, closing: &Closing) {
    app.stopping.cancel();
    closing.gently.cancel();
    closing.loops.close();
    closing.loops.wait().await;
    app.initialization.stop().await;
    if let Some(triggers) = &app.triggers {
        triggers.finish().await;
    }
    closing.connections.close();
    closing.connections.wait().await;
}
