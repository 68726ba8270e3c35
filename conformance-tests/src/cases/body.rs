//! Bodies of every length, streamed: what goes up in parts comes down in pieces, byte for byte.

use futures::{Stream, StreamExt, TryStreamExt, stream};
use snapstore::{Bytes, Key, Sending, send};

use crate::case::cases;
use crate::failure::ensure;
use crate::{Context, Outcome};

cases!("body":
    Uploads lengths_around_a_part_arrive_whole,
    Uploads of_64_mib_arrives_whole,
);

/// Of the pieces that a long body is made of.
const PIECE: usize = 1 << 20;

/// So many bytes, never all of them in memory: the piece at `n` differs from that at any other.
fn noise(t: &Context, length: usize) -> impl Stream<Item = Bytes> + Send + use<> {
    let piece = t.bytes(64, PIECE);
    stream::iter((0..length).step_by(PIECE).map(move |at| {
        let mut piece = piece[..PIECE.min(length - at)].to_vec();
        for (byte, of_place) in piece.iter_mut().zip(at.to_le_bytes()) {
            *byte ^= of_place;
        }
        piece.into()
    }))
}

/// Sends a body of so many bytes and reads it back.
pub(super) async fn arrives_whole(t: &Context, length: usize) -> Outcome {
    let key = t.key("body");
    let sending = Sending {
        part_size: 8 << 20,
        ..Sending::default()
    };
    let sent = send(&*t.store, &key, noise(t, length).map(Ok), sending).await?;
    ensure!(
        sent.size == length as u64,
        "of {length} bytes {} are there",
        sent.size
    );
    comes_back(t, &key, length).await
}

/// The body must be what [`noise`] is, whatever pieces it comes in.
async fn comes_back(t: &Context, key: &Key, length: usize) -> Outcome {
    let mut body = t.store.get(&key.clone().into(), None).await?.body;
    let (mut rest, mut at) = (Bytes::new(), 0);
    let mut expected = noise(t, length);
    while let Some(mut wanted) = expected.next().await {
        while !wanted.is_empty() {
            if rest.is_empty() {
                let next = body.try_next().await?;
                ensure!(next.is_some(), "it ends after {at} of {length} bytes");
                rest = next.unwrap_or_default();
                continue;
            }
            let both = wanted.len().min(rest.len());
            let same = wanted.split_to(both) == rest.split_to(both);
            ensure!(same, "it is another body somewhere from byte {at} on");
            at += both;
        }
    }
    let more = body.try_next().await?.map_or(0, |piece| piece.len());
    ensure!(
        rest.is_empty() && more == 0,
        "it has more than {length} bytes"
    );
    Ok(())
}

/// Where one body becomes a put and the next one an upload, and where the last part is a whole one.
async fn lengths_around_a_part_arrive_whole(t: Context) -> Outcome {
    let part = t.part_size();
    for length in [0, 1, part - 1, part, part + 1, 2 * part, 2 * part + 1] {
        let key = t.key(&length.to_string());
        let data = t.bytes(length as u64, length);
        let body = stream::iter([Ok(data.clone())]);
        let sending = Sending {
            part_size: part as u64,
            ..Sending::default()
        };
        let sent = send(&*t.store, &key, body, sending).await?;
        ensure!(sent.size == length as u64, "{length} became {}", sent.size);
        t.holds(&key, &data).await?;
    }
    Ok(())
}

async fn of_64_mib_arrives_whole(t: Context) -> Outcome {
    arrives_whole(&t, 64 << 20).await
}
