//! One object up or down, by a store of this library and as a process of its own, for `cargo xtask
//! bench stores`: `transfer up|down PROVIDER BUCKET KEY FILE PART_SIZE PARALLEL [ENDPOINT]`.
//! Credentials are where etcdbrctl looks for them.

use std::error::Error;
use std::fs::File;
use std::sync::Arc;

use futures::TryStreamExt;
use snapstore::clock::{Clock, SystemClock};
use snapstore::layers::with_layers;
use snapstore::{
    Environment, ErrorKind, Key, Provider, PutMode, Sending, Snapstore, StoreConfig, send,
};

type Failure = Box<dyn Error + Send + Sync>;

const PROVIDERS: [Provider; 5] = [
    snapstore_abs::PROVIDER,
    snapstore_gcs::PROVIDER,
    snapstore_oss::PROVIDER,
    snapstore_s3::PROVIDER,
    snapstore_swift::PROVIDER,
];

#[tokio::main]
async fn main() -> Result<(), Failure> {
    testkit::disk::keep_freed_memory();
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
            let body = testkit::disk::read(File::open(file)?).map_err(unreadable);
            send(&*store, &key, body, sending).await?;
        }
        "down" => {
            let download = store.get(&key.into(), None).await?;
            let body = download.body.map_err(Failure::from);
            testkit::disk::write(body, file).await?;
        }
        other => return Err(format!("{other} is neither up nor down").into()),
    }
    Ok(())
}

/// As etcdbrctl opens it: it retries, resumes and keeps deadlines.
async fn open(
    provider: &str,
    bucket: &str,
    endpoint: Option<&str>,
) -> Result<Arc<dyn Snapstore>, Failure> {
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
    Ok(with_layers((known.open)(config).await?, &clock, 1))
}

fn unreadable(error: std::io::Error) -> snapstore::Error {
    snapstore::Error::new(ErrorKind::Unexpected, "read", "cannot read the file").with_source(error)
}
