//! The status page of the sidecar: what it knows, a listing of its store and the members of its cluster, which are renewed while
//! somebody looks.

use std::sync::{Arc, Mutex};

use client::Etcd;
use futures::FutureExt;
use server::{Backups, StatusPage, StoreLook};
use snapstore::clock::SystemClock;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use super::in_flight::InFlight;
use super::others::Others;
use super::place::Place;
use crate::args::ServerArgs;
use crate::clock::now;
use crate::store_page::{Opening, Renewed, Tells};

/// The page, if it is not turned off, and what renews its listing.
pub(super) struct Shown {
    pub(super) page: Option<StatusPage>,
    renewed: Option<Arc<Renewed>>,
    others: Arc<Others>,
}

impl Shown {
    /// `place`: the store; `member`, `own`: the etcd beside this sidecar, while it answers, and how it is asked; `backups`: what is known of them, which each
    /// listing adds to; `in_flight`: what is done now.
    pub(super) fn of(
        args: &ServerArgs,
        place: Option<&Arc<Place>>,
        (member, own): (watch::Receiver<Option<page::Member>>, Arc<dyn Etcd>),
        (backups, in_flight): (&watch::Sender<Backups>, &Arc<InFlight>),
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
            let backups = backups.clone();
            let tells: Tells = Box::new(move |listing| {
                backups.send_modify(|backups| backups.listing = Some(listing.clone()));
            });
            let renewed = Renewed::of(&args.store, every, opening, time).telling(tells);
            Arc::new(renewed.with_report(args.http.drill_report.clone()))
        });
        let others = Arc::new(Others {
            own,
            clock: Arc::new(SystemClock),
            looked: Notify::new(),
            known: Mutex::default(),
        });
        let page = args.http.status_page.then(|| StatusPage {
            store: renewed.clone().map(|store| store as Arc<dyn StoreLook>),
            member,
            members: {
                let others = others.clone();
                Arc::new(move || others.look())
            },
            work: {
                let in_flight = in_flight.clone();
                Arc::new(move || in_flight.all())
            },
            delta_period: args.taking.policy().period,
        });
        Self {
            page,
            renewed,
            others,
        }
    }

    /// Lists the store and asks the members when somebody has looked, until `stop`.
    pub(super) async fn run(self, stop: CancellationToken) {
        let listing = async {
            if let Some(renewed) = self.renewed {
                renewed.run(stop.clone()).await;
            }
        };
        tokio::join!(listing, self.others.run(stop.clone()));
    }
}
