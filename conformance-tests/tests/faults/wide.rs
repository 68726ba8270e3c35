//! A long object over several connections, as a restore reads it from a far store: in order, whole, and never of two versions.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use libtest_mimic::Trial;
use snapstore::clock::{Clock, SystemClock};
use snapstore::layers::{Widening, widen};
use snapstore::{Bytes, Download, Key, PutOptions, Result as StoreResult};
use testkit::proxy::{Fault, Match};
use tokio::runtime::Runtime;

use crate::bench::{Bench, said};
use crate::{ensure, trial};
use testkit::stores::Stand;

/// Bytes of the object.
const LENGTH: usize = 12 << 20;

/// What the proxy lets pass on each connection, in bytes a second.
const RATE: u64 = 8_000_000;

const WIDENING: Widening = Widening {
    part: 1 << 20,
    at_once: 4,
    enough: 100_000_000,
};

pub(crate) fn trials(stand: &Stand, runtime: &Arc<Runtime>) -> [Trial; 2] {
    let of = stand.clone();
    let name = |what: &str| format!("{}::wide::{what}", stand.name);
    let whole = trial(
        runtime,
        name("ranges_are_put_together_in_order"),
        async move { ranges_are_put_together_in_order(&of).await },
    );
    let of = stand.clone();
    let replaced = trial(runtime, name("two_versions_are_never_mixed"), async move {
        two_versions_are_never_mixed(&of).await
    });
    [whole, replaced]
}

fn content(seed: u8) -> Bytes {
    let byte = |at: usize| (at * 7 + at / 65_521) as u8 ^ seed;
    (0..LENGTH).map(byte).collect::<Vec<u8>>().into()
}

async fn stored(bench: &Bench) -> Result<(Key, Bytes), String> {
    let (key, data) = (bench.key("v2/long"), content(0));
    let put = bench.store.put(&key, data.clone(), PutOptions::default());
    put.await.map_err(said)?;
    Ok((key, data))
}

async fn widened(bench: &Bench, key: &Key) -> Result<Download, String> {
    bench
        .proxy
        .inject(Fault::Slow(RATE), Match::any(), u32::MAX);
    let whole = bench.store.get(&key.clone().into(), None).await;
    let whole = whole.map_err(said)?;
    let clock = Arc::new(SystemClock);
    Ok(widen(bench.store.clone(), whole, clock, WIDENING))
}

/// One of its ranges breaks off, and goes on where it was.
async fn ranges_are_put_together_in_order(stand: &Stand) -> Result<(), String> {
    let bench = Bench::open(stand).await?;
    let (key, data) = stored(&bench).await?;
    let wide = widened(&bench, &key).await?;
    let before = bench.proxy.requests("GET");
    let on = Match::any().method("GET").after(3);
    bench.proxy.inject(Fault::Truncate(300_000), on, 1);
    let read: StoreResult<Vec<Bytes>> = wide.body.try_collect().await;
    let read = read.map_err(said)?.concat();
    ensure(read == data, "other bytes came than were stored")?;
    let ranges = bench.proxy.requests("GET") - before;
    bench.proxy.clear();
    // All parts but the first two, and one of them once more.
    ensure(ranges >= 11, &format!("{ranges} ranges were asked for"))?;
    bench.clean(&key).await
}

async fn two_versions_are_never_mixed(stand: &Stand) -> Result<(), String> {
    let bench = Bench::open(stand).await?;
    let (key, data) = stored(&bench).await?;
    let mut wide = widened(&bench, &key).await?;
    let first = wide
        .body
        .next()
        .await
        .ok_or("nothing came")?
        .map_err(said)?;
    ensure(
        data.starts_with(&first),
        "other bytes came than were stored",
    )?;
    bench.proxy.clear();
    // Stores tell the time of an object to the second.
    SystemClock.sleep(Duration::from_millis(1100)).await;
    let other = bench.store.put(&key, content(1), PutOptions::overwrite());
    other.await.map_err(said)?;
    bench
        .proxy
        .inject(Fault::Slow(RATE), Match::any(), u32::MAX);
    let rest: StoreResult<Vec<Bytes>> = wide.body.try_collect().await;
    bench.proxy.clear();
    match rest {
        Err(error) => ensure(
            error.to_string().contains("replaced"),
            &format!("it is called {error}"),
        )?,
        Ok(rest) => ensure(
            [&first[..], &rest.concat()].concat() == data,
            "two versions were mixed",
        )?,
    }
    bench.clean(&key).await
}
