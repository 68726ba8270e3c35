//! One object up or down, by a store of this library and as a process of its own, for `cargo xtask
//! bench stores`: `transfer up|down PROVIDER BUCKET KEY FILE PART_SIZE PARALLEL [ENDPOINT]`.
//! Credentials are where etcdbrctl looks for them.

use std::error::Error;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::{Stream, TryStreamExt};
use snapstore::clock::{Clock, SystemClock};
use snapstore::layers::dress;
use snapstore::{
    Environment, ErrorKind, Key, Provider, PutMode, Sending, Snapstore, StoreConfig, send,
};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufWriter};

/// How much is read from a file at once: what tokio reads at most.
const PIECE: usize = 2 << 20;

const PROVIDERS: [Provider; 5] = [
    snapstore_abs::PROVIDER,
    snapstore_gcs::PROVIDER,
    snapstore_oss::PROVIDER,
    snapstore_s3::PROVIDER,
    snapstore_swift::PROVIDER,
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let [
        way,
        provider,
        bucket,
        key,
        file,
        part_size,
        parallel,
        endpoint @ ..,
    ] = &arguments[..]
    else {
        return Err(
            "transfer up|down PROVIDER BUCKET KEY FILE PART_SIZE PARALLEL [ENDPOINT]".into(),
        );
    };
    let store = open(provider, bucket, endpoint.first().copied()).await?;
    let key = Key::new(*key)?;
    match *way {
        "up" => {
            let sending = Sending {
                mode: PutMode::CreateNew,
                part_size: part_size.parse()?,
                parallel: parallel.parse()?,
            };
            send(&*store, &key, pieces(File::open(file).await?), sending).await?;
        }
        "down" => down(&*store, key, File::create(file).await?).await?,
        other => return Err(format!("{other} is neither up nor down").into()),
    }
    Ok(())
}

/// As etcdbrctl opens it: it retries, resumes and keeps deadlines.
async fn open(
    provider: &str,
    bucket: &str,
    endpoint: Option<&str>,
) -> Result<Arc<dyn Snapstore>, Box<dyn Error>> {
    let known = PROVIDERS.iter().find(|known| known.name == provider);
    let known = known.ok_or_else(|| format!("no provider {provider}"))?;
    let config = StoreConfig {
        container: bucket.to_owned(),
        prefix: "bench".to_owned(),
        endpoint_override: endpoint.map(Into::into),
        environment: Environment::new(std::env::vars()),
        ..StoreConfig::default()
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Ok(dress((known.open)(config).await?, &clock, 1))
}

fn pieces(file: File) -> impl Stream<Item = snapstore::Result<Bytes>> + Send {
    futures::stream::try_unfold(file, |mut file| async move {
        let mut piece = BytesMut::with_capacity(PIECE);
        let read = file.read_buf(&mut piece).await;
        let read = read.map_err(|error| {
            snapstore::Error::new(ErrorKind::Unexpected, "read", "cannot read the file")
                .with_source(error)
        })?;
        Ok((read > 0).then(|| (piece.freeze(), file)))
    })
}

async fn down(store: &dyn Snapstore, key: Key, file: File) -> Result<(), Box<dyn Error>> {
    // Bodies come in pieces of some kilobytes, and each write to the file is a change of threads.
    let mut file = BufWriter::with_capacity(PIECE, file);
    let mut download = store.get(&key.into(), None).await?;
    while let Some(piece) = download.body.try_next().await? {
        file.write_all(&piece).await?;
    }
    file.flush().await?;
    Ok(())
}
