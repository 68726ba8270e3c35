use std::fmt;
use std::sync::{Arc, OnceLock};

use tonic::client::Grpc;
use tonic::transport::Channel;

use super::alert::Heard;
use super::channel::channel;
use super::connect::Use;
use crate::config::{Pace, Tls};
use crate::endpoint::Endpoint;
use crate::error::{Error, ErrorKind, Result};

/// The most bytes of one message that are taken. A watch that is not cut sends as much as a batch holds.
pub const MAX_MESSAGE: usize = 256 << 20;

/// One member, and the connections to it.
pub(super) struct Member {
    endpoint: Endpoint,
    tls: Arc<Tls>,
    pace: Pace,
    bulk: OnceLock<(Channel, Heard)>,
    watch: OnceLock<(Channel, Heard)>,
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Member({})", self.endpoint)
    }
}

impl Member {
    pub(super) fn new(endpoint: Endpoint, tls: Arc<Tls>, pace: Pace) -> Self {
        Self {
            endpoint,
            tls,
            pace,
            bulk: OnceLock::new(),
            watch: OnceLock::new(),
        }
    }

    pub(super) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(super) fn pace(&self) -> &Pace {
        &self.pace
    }

    pub(super) fn grpc(&self, used: Use) -> Result<(Grpc<Channel>, Heard)> {
        let kept = match used {
            Use::Bulk => &self.bulk,
            Use::Watch => &self.watch,
        };
        let (channel, heard) = match kept.get() {
            Some(kept) => kept.clone(),
            None => {
                let made = channel(&self.endpoint, &self.tls, &self.pace, used);
                let made = made.map_err(|error| {
                    let error = Error::new(ErrorKind::Config, "connect", error.to_string());
                    error.at(&self.endpoint)
                })?;
                kept.get_or_init(|| made).clone()
            }
        };
        let grpc = Grpc::new(channel).max_decoding_message_size(MAX_MESSAGE);
        Ok((grpc, heard))
    }
}
