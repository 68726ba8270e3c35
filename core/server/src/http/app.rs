use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::initialization::Initialization;
use crate::metrics::Metrics;
use crate::ports::Ports;
use crate::settings::Settings;
use crate::trigger::Triggers;

/// What requests are answered with.
pub(crate) struct App {
    pub(crate) settings: Settings,
    pub(crate) ports: Ports,
    pub(crate) initialization: Arc<Initialization>,
    /// `None` where no store is configured.
    pub(crate) triggers: Option<Triggers>,
    pub(crate) metrics: Arc<Metrics>,
    /// On which port this server listens.
    pub(crate) port: u16,
    /// Cancelled when the server stops: nobody is waited for any more.
    pub(crate) stopping: CancellationToken,
}
