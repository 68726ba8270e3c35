use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::body::Incoming;
use hyper::{Method, Request, Response};

use super::account::Account;
use super::asked::Asked;
use super::authenticate::authenticate;
use super::bucket::World;
use super::content::Content;
use super::refusal::Refusal;
use super::reply::set;
use super::settings::Settings;
use super::time::now;
use super::{buckets, copied, listing, objects, pending, uploads, versioning, worm};
use crate::loopback::{Body, BrokenOff, Handler, Plug};

/// What answers all requests.
#[derive(Debug, Clone)]
pub(super) struct Service(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    accounts: Mutex<Vec<Account>>,
    region: String,
    shortest_part: u64,
    world: Mutex<World>,
    requests: AtomicU64,
}

/// Parameters that choose what is done. One that is not known must not be taken for a plain request.
const KNOWN: [&str; 17] = [
    "continuation-token",
    "delimiter",
    "encoding-type",
    "fetch-owner",
    "key-marker",
    "list-type",
    "marker",
    "max-keys",
    "max-parts",
    "max-uploads",
    "objectMeta",
    "part-number-marker",
    "partNumber",
    "prefix",
    "start-after",
    "upload-id-marker",
    "uploadId",
];

impl Service {
    pub(super) fn new(settings: Settings) -> Self {
        Self(Arc::new(Shared {
            accounts: Mutex::new(settings.accounts),
            region: settings.region,
            shortest_part: settings.shortest_part,
            world: Mutex::default(),
            requests: AtomicU64::new(0),
        }))
    }

    pub(super) fn replace_accounts(&self, accounts: Vec<Account>) {
        *lock(&self.0.accounts) = accounts;
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.0.world)
    }

    fn answer(&self, asked: &Asked, content: Content) -> Result<Response<Body>, Refusal> {
        let accounts = lock(&self.0.accounts).clone();
        authenticate(asked, &accounts, &self.0.region, now())?;
        let asks = |name| asked.parameter(name).is_some();
        let special = ["worm", "wormId", "wormExtend", "uploads", "versioning"];
        let known = |name: &str| KNOWN.contains(&name) || special.contains(&name);
        if let Some((name, _)) = asked.query.iter().find(|(name, _)| !known(name)) {
            return Err(Refusal::not_implemented(&format!("the parameter {name}")));
        }
        let mut world = self.world();
        if asked.bucket.is_empty() {
            return Err(Refusal::not_implemented("the service without a bucket"));
        }
        if !asked.key.is_empty() {
            if asks("uploadId") && asked.method == Method::PUT && copied::is_asked_for(asked) {
                let content = copied::content(asked, &mut world)?;
                let bucket = world.bucket(&asked.bucket)?;
                let put = uploads::answer(asked, bucket, content, self.0.shortest_part)?;
                return Ok(copied::reply(&put));
            }
            let bucket = world.bucket(&asked.bucket)?;
            if asks("uploads") || asks("uploadId") {
                return uploads::answer(asked, bucket, content, self.0.shortest_part);
            }
            return objects::answer(asked, bucket, content);
        }
        if asks("worm") || asks("wormId") {
            let bucket = world.bucket(&asked.bucket)?;
            return worm::answer(asked, bucket, &content.bytes());
        }
        if asks("versioning") {
            let bucket = world.bucket(&asked.bucket)?;
            return versioning::answer(asked, bucket, &content.bytes());
        }
        match asked.method {
            Method::GET if asks("uploads") => pending::uploads(asked, world.bucket(&asked.bucket)?),
            Method::GET => listing::objects(asked, world.bucket(&asked.bucket)?),
            _ => buckets::answer(asked, &mut world),
        }
    }
}

impl Handler for Service {
    async fn handle(
        &self,
        request: Request<Incoming>,
        _plug: Plug,
    ) -> Result<Response<Body>, BrokenOff> {
        let (head, body) = request.into_parts();
        // First all of it: a refusal that comes while the client still writes may not be read.
        let content = Content::receive(body).await?;
        let number = self.0.requests.fetch_add(1, Ordering::Relaxed);
        let id = format!("{number:024X}");
        let answer = Asked::new(head).and_then(|asked| self.answer(&asked, content));
        let mut reply = answer.unwrap_or_else(|refusal| refusal.reply(&id));
        set(&mut reply, "x-oss-request-id", &id);
        set(&mut reply, "server", "etcdbr's emulator of OSS");
        Ok(reply)
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
