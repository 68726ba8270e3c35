//! `ui`: the status page of a store, for whoever looks from this machine.

use std::io::Write;
use std::sync::Arc;

use clap::ArgMatches;
use futures::FutureExt;
use server::{Viewer, WallClock};
use snapstore::clock::{Clock, SystemClock};

use super::list::refuse_other_store;
use crate::args::{Format, StoreArgs, UiArgs};
use crate::clock::now;
use crate::error::{Error, Result};
use crate::printed::{ignore_broken_pipe, print_json};
use crate::store_page::{Opening, Renewed};
use crate::{progress, session};

/// The JSON document of `ui`.
#[derive(serde::Serialize)]
struct AddressView {
    url: String,
}

/// Shows the page until a signal comes.
pub(crate) fn run(args: &UiArgs, format: Format, flags: Option<&ArgMatches>) -> Result<()> {
    if args.directory.is_some() {
        refuse_other_store(flags)?;
    }
    let store = args.store();
    session::run(&store, show(args, &store, format))
}

async fn show(args: &UiArgs, store: &StoreArgs, format: Format) -> Result<()> {
    let session = session::open(store, progress::observer()).await?;
    let stop = session.cancel.clone();
    let opening: Opening = {
        let session = session.clone();
        Box::new(move || std::future::ready(Ok(session.clone())).boxed())
    };
    let time = || {
        (
            Arc::new(SystemClock) as Arc<dyn Clock>,
            Arc::new(now) as WallClock,
        )
    };
    let renewed = Renewed::of(store, args.refresh_period, opening, time());
    let renewed = Arc::new(renewed.with_report(args.drill_report.clone()));
    // What is wrong from the first is told here, where somebody looks.
    renewed.once().await.map_err(Error::new)?;
    let version = env!("CARGO_PKG_VERSION").to_owned();
    let viewer = Viewer::bind(args.listen, renewed.clone(), time(), version);
    let viewer = viewer
        .await
        .map_err(|error| Error::new(format!("{error}; choose another place with --listen")))?;
    tell(&viewer, format)?;
    tokio::join!(viewer.run(stop.clone()), renewed.run(stop));
    Ok(())
}

fn tell(viewer: &Viewer, format: Format) -> Result<()> {
    let url = format!("http://{}/", viewer.address());
    if format == Format::Json {
        return print_json(&AddressView { url });
    }
    let mut out = std::io::stdout();
    ignore_broken_pipe(writeln!(out, "{url}").and_then(|()| out.flush()))?;
    tracing::info!("the page is shown to this machine alone, until this program is interrupted");
    Ok(())
}
