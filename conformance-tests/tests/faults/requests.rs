//! How much a call asks of the server. Each request is paid for, and each is a wait.

use std::sync::Arc;

use libtest_mimic::Trial;
use snapstore::{Bytes, ListRequest, PutOptions, Sending, SnapstoreExt, send};
use tokio::runtime::Runtime;

use crate::bench::{Bench, said};
use crate::deeds::shortest_part;
use crate::{ensure, trial};
use testkit::stores::Stand;

pub(crate) fn trials(stand: &Stand, runtime: &Arc<Runtime>) -> Vec<Trial> {
    let name = format!("{}::requests::a_listing_looks_at_no_object", stand.name);
    let stand = stand.clone();
    vec![trial(runtime, name, async move {
        a_listing_looks_at_no_object(&stand).await
    })]
}

/// In Swift an object in parts is listed with no bytes, and its head alone knows how many it has; so
/// that is asked for, and that of an object which really has none.
async fn a_listing_looks_at_no_object(stand: &Stand) -> Result<(), String> {
    let b = Bench::open(stand).await?;
    for number in 0..20 {
        let key = b.key(&format!("v2/Incr-{number}"));
        let put = b.store.put(&key, "x".into(), PutOptions::default());
        put.await.map_err(said)?;
    }
    let empty = b.key("v2/empty");
    let put = b.store.put(&empty, "".into(), PutOptions::default());
    put.await.map_err(said)?;
    let part = shortest_part(&b);
    let body = futures::stream::iter([Ok(Bytes::from(vec![1; part as usize + 1]))]);
    let sending = Sending {
        part_size: part,
        ..Sending::default()
    };
    let full = b.key("v2/Full-1");
    let sent = send(&*b.store, &full, body, sending).await;
    sent.map_err(said)?;

    let before = (b.proxy.requests("HEAD"), b.proxy.requests("GET"));
    let listed = b.store.list_all(ListRequest::under("v2/")).await;
    let listed = listed.map_err(said)?.len();
    ensure(listed == 22, &format!("{listed} of 22 are listed"))?;
    let heads = b.proxy.requests("HEAD") - before.0;
    let gets = b.proxy.requests("GET") - before.1;
    let must = if stand.name.starts_with("swift(") {
        2
    } else {
        0
    };
    ensure(
        heads == must,
        &format!("{heads} heads for a listing, not {must}"),
    )?;
    ensure(gets <= 2, &format!("{gets} requests for one page"))?;
    b.empty().await
}
