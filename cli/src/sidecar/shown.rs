//! The status page of the sidecar: what it knows, and a listing of its store that is renewed while somebody looks.

use std::sync::Arc;

use futures::FutureExt;
use server::{StatusPage, StoreLook};
use snapstore::clock::SystemClock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::place::Place;
use crate::args::ServerArgs;
use crate::clock::now;
use crate::store_page::{Opening, Renewed};

/// The page, if it is not turned off, and what renews its listing.
pub(super) struct Shown {
    pub(super) page: Option<StatusPage>,
    renewed: Option<Arc<Renewed>>,
}

impl Shown {
    /// `place`: the store; `member`: the etcd beside this sidecar, while it answers.
    pub(super) fn of(
        args: &ServerArgs,
        place: Option<&Arc<Place>>,
        member: watch::Receiver<Option<page::Member>>,
    ) -> Self {
        let renewed = place.filter(|_| args.http.status_page).map(|place| {
            let opening: Opening = {
                let place = place.clone();
                Box::new(move || {
                    let place = place.clone();
                    async move { place.session().await }.boxed()
                })
            };
            let every = args.http.status_page_period;
            let time = (Arc::new(SystemClock) as _, Arc::new(now) as _);
            Arc::new(Renewed::of(&args.store, every, opening, time))
        });
        let page = args.http.status_page.then(|| StatusPage {
            store: renewed.clone().map(|store| store as Arc<dyn StoreLook>),
            member,
            delta_period: args.taking.policy().period,
        });
        Self { page, renewed }
    }

    /// Lists the store when somebody has looked, until `stop`.
    pub(super) async fn run(self, stop: CancellationToken) {
        if let Some(renewed) = self.renewed {
            renewed.run(stop).await;
        }
    }
}
