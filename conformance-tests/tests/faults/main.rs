//! What happens to backups when the network or the provider fails? Every store is reached through a
//! proxy that spoils one request of each operation, one after the other, in every way there is:
//! nothing is lost, nothing is half listed, and no error is reported as a success.
//!
//! The layers are those of the program, but for their clock: waits between tries take no time.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod bench;
mod dead;
mod deeds;
mod forever;
mod kinds;
mod machine;
mod prefix;
mod reference;
mod requests;
mod rotation;
mod rotation_of_account;
mod rotation_of_login;
mod sts;
mod tls;
mod tls_elsewhere;
mod tls_named;
mod unspecified;
mod wide;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use testkit::stub::Stub;
use tokio::runtime::Runtime;

use bench::Bench;
use deeds::{DEEDS, Deed};
use kinds::{DAMAGED, Kind, kinds};
use testkit::stores;
use testkit::stores::Stand;
use testkit::stores::stand::absent;

/// Most of a test is waiting for what never comes.
const AT_ONCE: usize = 8;

/// How often the same request may come back too soon.
const TIMES: u32 = 3;

/// An operation that sends more requests than this goes in circles.
const MOST_REQUESTS: u32 = 60;

fn main() -> ExitCode {
    let Some(trusted) = machine::trusted() else {
        return machine::begin_again();
    };
    let (authority, itself) = (Arc::new(trusted.authority), Arc::new(trusted.itself));
    let runtime = Arc::new(Runtime::new().unwrap());
    let (oss, _emulator) = stores::oss::stand();
    let stands = runtime.block_on(async {
        [
            stores::s3::stand().await,
            stores::gcs::stand().await,
            stores::abs::stand().await,
            stores::swift::stand().await,
            oss,
        ]
    });
    let mut trials = Vec::new();
    for stand in &stands {
        match &stand.server {
            Err(variable) => trials.push(absent(stand, variable)),
            Ok(_) => {
                trials.extend(of(stand, &runtime));
                trials.push(prefix::trial_of(stand, &runtime));
                trials.extend(wide::trials(stand, &runtime));
                trials.extend(tls::trials(stand, &authority, &runtime));
                trials.extend(tls_named::trials(stand, &itself, &runtime));
                trials.extend(tls_elsewhere::trials(stand, &authority, &runtime));
                trials.extend(rotation::trials(stand, &authority, &runtime));
            }
        }
    }
    let moto = runtime.block_on(stores::s3::on_moto());
    match &moto.server {
        Err(variable) => trials.push(absent(&moto, variable)),
        Ok(_) => {
            trials.extend(dead::trials(&moto, &runtime));
            trials.extend(sts::trials(&runtime));
        }
    }
    let stub = Stub::azure().unwrap();
    trials.extend(of_stub(&stub, &runtime));
    let keystone = stores::swift::stand_of_keystone();
    match &keystone.server {
        Err(variable) => trials.push(absent(&keystone, variable)),
        Ok(auth_url) => {
            runtime.block_on(stores::swift::make_container(auth_url));
            trials.extend(rotation_of_login::trials(&keystone, &runtime));
        }
    }
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(AT_ONCE);
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn of(stand: &Stand, runtime: &Arc<Runtime>) -> Vec<Trial> {
    let mut trials = Vec::new();
    for kind in kinds(stand) {
        let suffers = |deed: &&Deed| (kind.in_deeds)(deed.name) && asks(stand, deed);
        for deed in DEEDS.iter().filter(suffers) {
            let name = format!("{}::faults::{}_on_{}", stand.name, kind.name, deed.name);
            if kind.name == "short_length" && deed.name == "get" && believes(stand) {
                trials.push(gap(&name, UNSEEN));
                continue;
            }
            trials.push(spoiled(stand, kind.clone(), deed, name, runtime));
        }
    }
    trials.extend(dead::trials(stand, runtime));
    trials.extend(forever::trials(stand, runtime));
    trials.extend(requests::trials(stand, runtime));
    trials.extend(unspecified::trials(stand, runtime));
    trials.extend(reference::trials(stand, runtime));
    trials
}

/// Azure has no request that gives an upload up: its blocks go by age.
fn asks(stand: &Stand, deed: &Deed) -> bool {
    !(stand.name.starts_with("abs(") && deed.name == "abort")
}

const UNSEEN: &str = "no client can see it: the digest at the end of a full backup does";

/// A reply with one byte less than the object, which says so in its only length, contradicts
/// nothing. These three have no checksum in each reply that their clients verify.
fn believes(stand: &Stand) -> bool {
    ["s3(", "swift(", "oss("]
        .iter()
        .any(|name| stand.name.starts_with(name))
}

/// What Azurite does not show of Azure: a block that is not what its CRC says is refused.
fn of_stub(stub: &Stub, runtime: &Arc<Runtime>) -> Vec<Trial> {
    let stand = stores::abs::stand_on_stub(stub);
    let damaged = kinds(&stand)
        .into_iter()
        .filter(|kind| kind.name == DAMAGED);
    let in_parts = DEEDS.iter().filter(|deed| deed.name == "send_in_parts");
    let trials = damaged.zip(in_parts).map(|(kind, deed)| {
        let name = format!("{}::faults::{DAMAGED}_on_{}", stand.name, deed.name);
        spoiled(&stand, kind, deed, name, runtime)
    });
    trials.collect()
}

fn spoiled(
    stand: &Stand,
    kind: Kind,
    deed: &'static Deed,
    name: String,
    runtime: &Arc<Runtime>,
) -> Trial {
    let stand = stand.clone();
    trial(runtime, name, async move {
        every_request_once(&stand, &kind, deed).await
    })
}

/// What cannot be shown here, in the list of tests.
fn gap(name: &str, why: &'static str) -> Trial {
    let name = format!("{name} ({why})");
    Trial::test(name, move || Err(Failed::from(why))).with_ignored_flag(true)
}

fn trial(
    runtime: &Arc<Runtime>,
    name: String,
    work: impl Future<Output = Result<(), String>> + Send + 'static,
) -> Trial {
    let runtime = runtime.clone();
    Trial::test(name, move || runtime.block_on(work).map_err(Failed::from))
}

fn ensure(holds: bool, otherwise: &str) -> Result<(), String> {
    holds.then_some(()).ok_or_else(|| otherwise.to_owned())
}

/// The first request of the deed suffers, then the second of a new one, and so on to the last.
async fn every_request_once(stand: &Stand, kind: &Kind, deed: &Deed) -> Result<(), String> {
    let bench = Bench::open_for(stand, kind).await?;
    let (mut waited, mut request, mut too_soon) = (None, 0, 0);
    while request < MOST_REQUESTS {
        let key = bench.key(&format!("{}-{request}-{too_soon}", deed.name));
        bench.plan(kind, request);
        let done = (deed.run)(&bench, &key).await;
        let which = format!("request {} of {}", request + 1, deed.name);
        // Nothing that happens on the way is damage of what is stored.
        ensure(!bench.said_corrupt(), "it was taken for damage")?;
        done.map_err(|why| format!("{which} suffered: {why}"))?;
        if bench.suffered() == 0 {
            // It has no request of that number.
            ensure(request > 0, "no request could suffer")?;
            ensure(waited >= kind.asks_to_wait, "Retry-After was not heeded")?;
            return bench.leaves_nothing().await;
        }
        // What nobody needs, as a look on the way, is not repeated.
        let wait = bench.longest_wait();
        if wait.is_some() && wait < kind.asks_to_wait {
            // On a machine that is busy another request of the deed may have been given up and repeated, which is not told apart.
            // One that comes back too soon does so each time.
            too_soon += 1;
            ensure(too_soon < TIMES, "it came back too soon")?;
            continue;
        }
        waited = waited.max(wait);
        (request, too_soon) = (request + 1, 0);
    }
    Err(format!("{} sent {MOST_REQUESTS} requests", deed.name))
}
