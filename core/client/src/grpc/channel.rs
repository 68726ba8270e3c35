use std::sync::Arc;

use http::Uri;
use tonic::transport::{Channel, Endpoint as Builder};

use super::alert::Heard;
use super::connect::{Use, connect};
use crate::config::{Pace, Tls};
use crate::endpoint::Endpoint;

/// hyper's own windows do for the rest: larger ones gain nothing. This is the one bounded buffer before etcd notices that a watch is not read.
const WATCH_WINDOW: u32 = 8 << 20;

/// A connection that comes about when it is used, and again when it broke.
pub(super) fn channel(
    endpoint: &Endpoint,
    tls: &Arc<Tls>,
    pace: &Pace,
    used: Use,
) -> Result<(Channel, Heard), http::Error> {
    let origin = endpoint.uri()?;
    // tonic wants TLS of its own for https; ours is below it.
    let mut parts = origin.clone().into_parts();
    parts.scheme = Some(http::uri::Scheme::HTTP);
    let builder = Builder::from(Uri::from_parts(parts)?)
        .origin(origin)
        .connect_timeout(pace.connect)
        .http2_keep_alive_interval(pace.keepalive)
        .keep_alive_timeout(pace.keepalive_answer)
        // etcd takes a ping without a stream for an attack.
        .keep_alive_while_idle(false);
    let builder = match used {
        Use::Bulk => builder,
        Use::Watch => builder
            .initial_stream_window_size(WATCH_WINDOW)
            .initial_connection_window_size(WATCH_WINDOW),
    };
    let (endpoint, tls) = (endpoint.clone(), tls.clone());
    let heard = Heard::default();
    let hears = heard.clone();
    let connector = tower::service_fn(move |_: Uri| {
        connect((endpoint.clone(), used), tls.clone(), hears.clone())
    });
    Ok((builder.connect_with_connector_lazy(connector), heard))
}
