//! A server that resembles OSS and says no checksum of what it has stored.

use std::sync::Arc;

use futures::stream;
use libtest_mimic::Trial;
use snapstore::{Bytes, Sending, send};
use testkit::proxy::{Fault, Match};
use tokio::runtime::Runtime;

use crate::bench::{Bench, said};
use crate::deeds::shortest_part;
use crate::{ensure, trial};
use testkit::stores::Stand;

pub(crate) fn trials(stand: &Stand, runtime: &Arc<Runtime>) -> Vec<Trial> {
    if !stand.name.starts_with("oss(") {
        return Vec::new();
    }
    let name = format!(
        "{}::faults::a_store_that_says_no_checksum_compares",
        stand.name
    );
    let stand = stand.clone();
    vec![trial(runtime, name, async move { damaged(&stand).await })]
}

/// A part that was damaged on its way to such a server was a part that had arrived.
async fn damaged(stand: &Stand) -> Result<(), String> {
    let b = Bench::open(stand).await?;
    b.proxy.hide("x-oss-hash-crc64ecma");
    // Twice: the first time it is only learnt that nothing is said.
    let on = Match::any().method("PUT").target("partNumber=1");
    b.proxy.inject(Fault::Damage(20_000), on, 2);
    let part_size = shortest_part(&b);
    let data = Bytes::from(vec![7; part_size as usize + 1000]);
    let sending = Sending {
        part_size,
        parallel: 1,
        ..Sending::default()
    };
    let key = b.key("v2/Full-1");
    let sent = send(&*b.store, &key, stream::iter([Ok(data.clone())]), sending).await;
    sent.map_err(said)?;
    ensure(b.proxy.faults() == 2, "the part was not sent again")?;
    b.holds_only(&[(&key, &data)]).await?;
    b.clean(&key).await
}
