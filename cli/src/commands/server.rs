use clap::ArgMatches;

use crate::args::{InertOfServer, ServerArgs};
use crate::error::Result;
use crate::{session, sidecar};

/// Runs beside an etcd until it is stopped.
pub(crate) fn run(args: &ServerArgs, matches: Option<&ArgMatches>) -> Result<()> {
    if let Some(notice) = matches.and_then(InertOfServer::notice) {
        tracing::warn!("{notice}");
    }
    session::run(&args.store, sidecar::run(args, matches))
}
