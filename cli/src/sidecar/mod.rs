//! The sidecar of an etcd: it answers over HTTP, makes the data directory one that etcd can start on, and takes backups
//! while the etcd beside it leads.
//!
//! ```text
//!  HTTP (core/server) ──▶ Initializing ──▶ engine::initialize
//!        │   │   └──────▶ Membership   ──▶ etcd          (what is held is stored before: Settling)
//!        │   └──────────▶ Triggers ──▶ Requests ──▶ the snapshotter
//!        ▼                                              ▲
//!  role, health, backups ◀── Election ──▶ Leading ──────┘
//! ```

mod cluster;
mod counted_initialization;
mod counted_store;
mod election;
mod heard;
mod identity;
mod in_flight;
mod initializing;
mod leading;
#[cfg(feature = "kubernetes")]
mod lease_renewal;
mod measured;
mod member_view;
mod others;
mod peer_urls;
mod phases;
mod place;
mod promoting;
mod role;
mod secondary;
mod settings;
mod settling;
mod shown;
mod snapshot_view;
mod triggers;

use std::sync::{Arc, Mutex};

use clap::ArgMatches;
use client::{Config, Endpoint, Etcd};
use engine::snapshot::taking::Task;
use engine::validate::Mode;
use server::{Backups, Ended, EtcdHealth, Metrics, Ports, Role, Server, Snapshots};
use snapstore::Sending;
use snapstore::clock::SystemClock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::args::ServerArgs;
use crate::clock::now;
use crate::error::{Error, Result};
use crate::following::{Flags, Following};
use crate::keyring::keyring;
#[cfg(feature = "kubernetes")]
use crate::leases::of_pod;
use crate::{etcd, signals};
use cluster::Membership;
use election::{Election, Serving};
use heard::Heard;
use in_flight::InFlight;
use initializing::Initializing;
use leading::Leading;
#[cfg(feature = "kubernetes")]
use lease_renewal::{LeaseRenewal, OfBackups};
use measured::Measured;
use peer_urls::PeerUrls;
use place::Place;
use promoting::{Learner, Promoting};
use secondary::{Secondary, refuse_one_directory};
use settling::{Asked, Settling, settling};
use shown::Shown;
use triggers::{Requests, Triggers};

/// What of the sidecar is told, and by whom.
struct Told {
    role: watch::Sender<Role>,
    health: watch::Sender<EtcdHealth>,
    backups: watch::Sender<Backups>,
    learner: watch::Sender<Option<Learner>>,
    serving: watch::Sender<Option<Serving>>,
    member: watch::Sender<Option<page::Member>>,
}

/// Runs until it is stopped.
pub(crate) async fn run(args: &ServerArgs, matches: Option<&ArgMatches>) -> Result<()> {
    let stop = signals::cancelled_by_signals()
        .map_err(|error| Error::new(format!("cannot listen for signals: {error}")))?;
    let config = args.etcd.config().map_err(Error::new)?;
    let metrics =
        Arc::new(Metrics::new(Arc::new(now)).map_err(|error| Error::new(error.to_string()))?);
    let store = args.encryption.of(&args.store);
    // What is wrong with them no second attempt would change.
    keyring(&store)?;
    let place = Place::named(&store, metrics.clone())?.map(Arc::new);
    if place.is_none() {
        tracing::warn!(
            "no --storage-provider is given: no backups are taken, and none is restored"
        );
    }
    let told = Told {
        role: watch::Sender::new(Role::Unknown),
        health: watch::Sender::new(EtcdHealth::Unknown),
        backups: watch::Sender::new(Backups::default()),
        learner: watch::Sender::new(None),
        serving: watch::Sender::new(None),
        member: watch::Sender::new(None),
    };
    let sidecar = Sidecar {
        args,
        stop,
        config,
        place,
        metrics,
        in_flight: Arc::default(),
    };
    sidecar.run(matches, told).await
}

struct Sidecar<'a> {
    args: &'a ServerArgs,
    stop: CancellationToken,
    config: Config,
    place: Option<Arc<Place>>,
    metrics: Arc<Metrics>,
    in_flight: Arc<InFlight>,
}

impl Sidecar<'_> {
    async fn run(self, matches: Option<&ArgMatches>, told: Told) -> Result<()> {
        if let (Some(from), Some(to)) = (&self.place, &self.second_place()?) {
            let refused = refuse_one_directory(from, to).await;
            refused.map_err(Error::new)?;
        }
        let etcd: Arc<dyn Etcd> = etcd::connect(&self.stop, self.config.clone()).await?;
        let triggers = self.place.clone().map(|place| {
            Arc::new(Triggers {
                place,
                clock: Arc::new(SystemClock),
                etcd: etcd.clone(),
                requests: Arc::new(Requests::default()),
                within: self.args.etcd.etcd_snapshot_timeout,
            })
        });
        let membership = Arc::new(self.membership()?);
        let (settling, asked) = settling();
        let initializing = self.initializing(membership.clone(), settling, matches)?;
        let mut shown = Shown::of(
            self.args,
            self.place.as_ref(),
            (told.member.subscribe(), etcd.at(&self.own()?)),
            (&told.backups, &self.in_flight),
        );
        let ports = Ports {
            initializer: Arc::new(initializing),
            snapshots: triggers
                .clone()
                .map(|triggers| triggers as Arc<dyn Snapshots>),
            cluster: membership.clone(),
            role: told.role.subscribe(),
            etcd: told.health.subscribe(),
            backups: told.backups.subscribe(),
            page: shown.page.take(),
            clock: Arc::new(SystemClock),
            now: Arc::new(now),
        };
        let settings = settings::of(self.args).map_err(Error::new)?;
        let server = Server::bind(settings, ports, self.metrics.clone()).await;
        let server = server.map_err(|error| Error::new(error.to_string()))?;
        let peer_urls = self.peer_urls(etcd.clone(), &told)?;
        let promoting = Promoting {
            membership: membership.clone(),
            learner: told.learner.subscribe(),
            clock: Arc::new(SystemClock),
            metrics: self.metrics.clone(),
        };
        let leases = self.leases(&membership, &told);
        let election = self.election(etcd, (membership, asked), triggers, told)?;
        let stop = self.stop.clone();
        let (ended, (), (), (), (), ()) = tokio::join!(
            server.run(stop.clone()),
            election,
            peer_urls.run(stop.clone()),
            promoting.run(stop.clone()),
            shown.run(stop),
            leases
        );
        match ended {
            Ended::Clean => tracing::info!("the sidecar has ended"),
            Ended::Cut { connections } => {
                tracing::warn!(
                    "the sidecar has ended; {connections} connections were not answered"
                );
            }
        }
        Ok(())
    }

    /// How the data directory is initialized: as whom, when etcd's configuration is there.
    fn initializing(
        &self,
        membership: Arc<Membership>,
        settling: Settling,
        matches: Option<&ArgMatches>,
    ) -> Result<Initializing> {
        let request = self.args.initialization(Mode::Full)?;
        Ok(Initializing {
            place: self.place.clone(),
            request,
            membership,
            metrics: self.metrics.clone(),
            in_flight: self.in_flight.clone(),
            settling,
            given: matches.map(identity::Given::of),
        })
    }

    fn membership(&self) -> Result<Membership> {
        Ok(Membership {
            data_dir: self.args.data_dir()?,
            etcd_config: self.args.validation.etcd_conf.clone(),
            pod_name: self.args.validation.pod_name.clone(),
            etcd: self.args.etcd.clone(),
            service: self.args.role.service_endpoints.clone(),
            stop: self.stop.clone(),
            clock: Arc::new(SystemClock),
            metrics: self.metrics.clone(),
        })
    }

    /// The place of a second store, if one is named.
    fn second_place(&self) -> Result<Option<Place>> {
        let store = self.args.secondary.store(&self.args.store);
        match store.map_err(Error::new)? {
            Some(store) => Place::named(&store, self.metrics.clone()),
            None => Ok(None),
        }
    }

    /// A second store, if one is named.
    fn secondary(
        &self,
        following: &Following,
        heard: &Arc<Heard>,
    ) -> Result<Option<Arc<Secondary>>> {
        let flags = &self.args.secondary;
        let to = self.second_place()?;
        Ok(self.place.clone().zip(to).map(|(from, to)| {
            Arc::new(Secondary {
                from,
                to,
                every: flags.secondary_backup_sync_period,
                sending: Sending {
                    part_size: flags.secondary_min_chunk_size,
                    parallel: flags.secondary_max_parallel_chunk_uploads.into(),
                    ..Sending::default()
                },
                rules: following.rules(),
                heard: heard.clone(),
                in_flight: self.in_flight.clone(),
                clock: Arc::new(SystemClock),
            })
        }))
    }

    /// Renews the leases of Kubernetes, if it is to.
    #[cfg(feature = "kubernetes")]
    fn leases(
        &self,
        membership: &Arc<Membership>,
        told: &Told,
    ) -> impl Future<Output = ()> + use<> {
        let (flags, of) = (&self.args.snapshot_leases, &self.args.member_lease);
        let period = self.args.taking.policy().period;
        let renewal = self.args.wants_leases().then(|| LeaseRenewal {
            leases: Arc::new(of_pod(flags, self.args.validation.pod_namespace.as_deref())),
            of_backups: flags.enable_snapshot_lease_renewal.then(|| OfBackups {
                full: flags.full_snapshot_lease_name.clone(),
                delta: flags.delta_snapshot_lease_name.clone(),
                every: period.unwrap_or(lease_renewal::WITHOUT_DELTAS),
            }),
            of_member: of
                .enable_member_lease_renewal
                .then_some(of.k8s_heartbeat_duration),
            role: told.role.subscribe(),
            backups: told.backups.subscribe(),
            serving: told.serving.subscribe(),
            membership: membership.clone(),
            clock: Arc::new(SystemClock),
            now: Arc::new(now),
            failing: Mutex::default(),
        });
        let stop = self.stop.clone();
        async move {
            if let Some(renewal) = renewal {
                renewal.run(stop).await;
            }
        }
    }

    /// What is asked for and not built in.
    #[cfg(not(feature = "kubernetes"))]
    fn leases(&self, _: &Arc<Membership>, _: &Told) -> std::future::Ready<()> {
        if let Some(told) = crate::args::not_built_in(self.args.wants_leases()) {
            tracing::warn!("{told}");
        }
        std::future::ready(())
    }

    fn peer_urls(&self, etcd: Arc<dyn Etcd>, told: &Told) -> Result<PeerUrls> {
        let own = self.own()?;
        Ok(PeerUrls {
            etcd: etcd.at(&own),
            config: self.args.validation.etcd_conf.clone(),
            pod_name: self.args.validation.pod_name.clone(),
            wrapper: self.args.role.use_etcd_wrapper.then(|| own.to_string()),
            ca: self.args.etcd.cacert(),
            health: told.health.subscribe(),
            clock: Arc::new(SystemClock),
        })
    }

    /// The etcd beside this sidecar.
    fn own(&self) -> Result<Endpoint> {
        let first = self.config.endpoints.first().cloned();
        first.ok_or_else(|| Error::new("--endpoints names no etcd"))
    }

    /// Asks etcd who leads, and takes backups while it is this one.
    fn election(
        &self,
        etcd: Arc<dyn Etcd>,
        (membership, asked): (Arc<Membership>, Asked),
        triggers: Option<Arc<Triggers>>,
        told: Told,
    ) -> Result<impl Future<Output = ()> + use<>> {
        let (own, endpoints) = (self.own()?, self.config.endpoints.clone());
        let flags = Flags {
            taking: &self.args.taking,
            retention: &self.args.retention,
            defragmentation: &self.args.defragmentation,
            full_within: self.args.etcd.etcd_snapshot_timeout,
            endpoints,
        };
        let following = Following::of(flags, Task::Follow).map_err(Error::new)?;
        let measured = Measured::new(self.metrics.clone(), Arc::new(SystemClock));
        let in_flight = self.in_flight.clone();
        let heard = Heard::new(told.backups, following.clone(), measured, in_flight);
        let heard = Arc::new(heard);
        let secondary = self.secondary(&following, &heard)?;
        let leading = self
            .place
            .clone()
            .zip(triggers)
            .map(|(place, triggers)| Leading {
                place,
                etcd: etcd.clone(),
                following,
                heard: heard.clone(),
                in_flight: self.in_flight.clone(),
                requests: triggers.requests.clone(),
                secondary: secondary.clone(),
                triggers,
                clock: Arc::new(SystemClock),
            });
        let role = &self.args.role;
        let election = Election {
            own: etcd.at(&own),
            every: role.reelection_period,
            within: role.etcd_connection_timeout_leader_election,
            clock: Arc::new(SystemClock),
            role: told.role,
            health: told.health,
            learner: told.learner,
            serving: told.serving,
            member: told.member,
            heard,
            metrics: self.metrics.clone(),
            membership,
            data_dir: self.args.data_dir()?,
            pod_name: self.args.validation.pod_name.clone(),
            marked: Mutex::default(),
        };
        Ok(election.run(leading, asked, self.stop.clone()))
    }
}
