use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Either, select};
use snapstore::clock::{Clock, SystemClock};
use snapstore::{Error, ErrorKind, Key, Result};
use tokio::sync::Mutex;

use crate::credentials::{Stamp, Watch};

/// How often credentials are read that change while they are read.
const LOADS: usize = 3;

/// How long calls wait for a new client; it may be a login over the network. Well within the
/// deadline of a call, so that there is time for the call itself.
const LONGEST_LOAD: Duration = Duration::from_secs(10);

/// After one that took longer, calls go on with the last good client for so long at once.
const PAUSE: Duration = Duration::from_secs(10);

/// A client on its way.
pub type LoadFuture<C> = Pin<Box<dyn Future<Output = Result<C>> + Send>>;

/// A client that is made anew when its credentials change, without a restart.
///
/// Looking costs a `stat` for each file, so every call looks: a key that was rotated because it
/// leaked must not be used for another minute. Calls on their way keep the client they began with.
pub struct Reloading<C> {
    watch: Watch,
    load: Box<dyn Fn() -> LoadFuture<C> + Send + Sync>,
    clock: Arc<dyn Clock>,
    /// Held while a client is loaded, which is once for all who wait: at most [`LONGEST_LOAD`].
    loaded: Mutex<Loaded<C>>,
}

struct Loaded<C> {
    /// What was seen before the files were read, so that a change while reading is seen next time;
    /// `None` when the client is to be made anew whatever there is to see.
    stamp: Option<Stamp>,
    client: Arc<C>,
    /// Until when nothing is loaded, as it took too long the last time.
    pause: Option<BoxFuture<'static, ()>>,
}

impl<C> Loaded<C> {
    fn is_pausing(&mut self) -> bool {
        let over = |pause: &mut BoxFuture<'static, ()>| pause.now_or_never().is_some();
        if self.pause.as_mut().is_some_and(over) {
            self.pause = None;
        }
        self.pause.is_some()
    }
}

impl<C: Send + Sync + 'static> Reloading<C> {
    /// Loads the client for the first time. `load` reads what `watch` watches.
    pub async fn open(
        watch: Watch,
        load: impl Fn() -> LoadFuture<C> + Send + Sync + 'static,
    ) -> Result<Self> {
        Self::by_clock(watch, load, Arc::new(SystemClock)).await
    }

    /// The same by a clock of the caller's.
    pub async fn by_clock(
        watch: Watch,
        load: impl Fn() -> LoadFuture<C> + Send + Sync + 'static,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let stamp = Some(watch.stamp());
        let client = Arc::new(load().await?);
        let load = Box::new(load);
        let loaded = Mutex::new(Loaded {
            stamp,
            client,
            pause: None,
        });
        let reloading = Self {
            watch,
            load,
            clock,
            loaded,
        };
        // They may have been turned while they were read.
        reloading.current().await;
        Ok(reloading)
    }

    /// The client for the credentials that are there now. When they cannot be used, perhaps half
    /// written, or the login does not come to an end, the last good client goes on, and the log
    /// says so.
    pub async fn current(&self) -> Arc<C> {
        let mut loaded = self.loaded.lock().await;
        let stamp = Some(self.watch.stamp());
        if loaded.stamp == stamp || loaded.is_pausing() {
            return loaded.client.clone();
        }
        let limit = self.clock.sleep(LONGEST_LOAD);
        let Either::Left((fresh, _)) = select(Box::pin(self.load_whole()), limit).await else {
            tracing::warn!(
                "no client for the store's new credentials within {LONGEST_LOAD:?}; going on with \
                 those before, and trying again in {PAUSE:?}"
            );
            let clock = self.clock.clone();
            loaded.pause = Some(async move { clock.sleep(PAUSE).await }.boxed());
            return loaded.client.clone();
        };
        match fresh {
            Ok(client) => {
                if loaded.stamp.is_some() {
                    tracing::info!("the store's credentials have changed and are in use");
                }
                loaded.client = Arc::new(client);
            }
            Err(error) => {
                tracing::warn!(
                    "the credentials of the store have changed and cannot be used; going on with \
                     those before: {error}"
                );
                // The files may be right, and the login out of order for now.
                if error.is_retryable() {
                    return loaded.client.clone();
                }
            }
        }
        // What changed while it was read is read once more by the next call.
        loaded.stamp = stamp;
        loaded.client.clone()
    }

    /// Loads anew as long as the files change meanwhile: half of them old and half new are no
    /// credentials. Not for ever; what is still being written then is seen by the next call.
    async fn load_whole(&self) -> Result<C> {
        let mut client = Err(Error::new(ErrorKind::Config, "open", "nothing was read"));
        for _ in 0..LOADS {
            let before = self.watch.stamp();
            client = (self.load)().await;
            if self.watch.stamp() == before {
                break;
            }
        }
        client
    }

    /// What `ask` hears with the client for the credentials that are there now. An error is about
    /// `key`, if one is given and the error names none.
    ///
    /// A client that the provider takes no more, as its token has expired or was revoked, is made
    /// anew before the next try: a provider says so with an error of the kind `Denied` that may be
    /// tried again.
    pub async fn call<T, F>(&self, key: Option<&Key>, ask: impl FnOnce(Arc<C>) -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let client = self.current().await;
        let answered = self.seen(&client, ask(client.clone()).await).await;
        match key {
            Some(key) => answered.map_err(|error| error.about(key)),
            None => answered,
        }
    }

    /// `answered` to `client`, after seeing to it that a stale one is made anew.
    async fn seen<T>(&self, client: &Arc<C>, answered: Result<T>) -> Result<T> {
        let stale = |error: &Error| error.kind() == ErrorKind::Denied && error.is_retryable();
        if answered.as_ref().is_err_and(stale) {
            self.renew(client).await;
        }
        answered
    }

    /// Unless another has made a new one by now.
    async fn renew(&self, client: &Arc<C>) {
        let mut loaded = self.loaded.lock().await;
        if Arc::ptr_eq(&loaded.client, client) {
            loaded.stamp = None;
        }
    }
}

impl<C> fmt::Debug for Reloading<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reloading")
            .field("watch", &self.watch)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Source;
    use async_trait::async_trait;
    use std::fs;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use tokio::sync::Semaphore;

    async fn of(dir: &std::path::Path) -> Reloading<String> {
        let source = Source::Directory(dir.to_owned());
        let load = {
            let source = source.clone();
            move || -> LoadFuture<String> {
                let key = source
                    .read()
                    .and_then(|fields| Ok(fields.need("key")?.to_owned()));
                Box::pin(std::future::ready(key))
            }
        };
        Reloading::open(source.watch(), load).await.unwrap()
    }

    #[tokio::test]
    async fn a_rotated_key_is_used_at_once_and_a_broken_one_never() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key");
        fs::write(&file, "first").unwrap();
        let client = of(dir.path()).await;
        assert_eq!(*client.current().await, "first");
        fs::write(&file, "the second").unwrap();
        assert_eq!(*client.current().await, "the second");
        fs::write(&file, "").unwrap();
        assert_eq!(*client.current().await, "the second");
        fs::remove_file(&file).unwrap();
        assert_eq!(*client.current().await, "the second");
        fs::write(&file, "3").unwrap();
        assert_eq!(*client.current().await, "3");
    }

    #[tokio::test]
    async fn a_client_that_is_no_longer_let_in_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("key"), "the same").unwrap();
        let client = of(dir.path()).await;
        let first = client.current().await;
        let denied = || Error::new(ErrorKind::Denied, "get", "401");
        let _ = client.seen::<()>(&first, Err(denied())).await;
        assert!(Arc::ptr_eq(&first, &client.current().await), "for good");
        let _ = client.seen::<()>(&first, Err(denied().retryable())).await;
        let second = client.current().await;
        assert!(!Arc::ptr_eq(&first, &second), "stale");
        // Two calls failed with the first; the second of them must not throw the new one away.
        let _ = client.seen::<()>(&first, Err(denied().retryable())).await;
        assert!(
            Arc::ptr_eq(&second, &client.current().await),
            "renewed once"
        );
    }

    /// The three steps stood in 47 places of the stores, and each could forget one of them.
    #[tokio::test]
    async fn a_call_takes_the_new_key_renews_a_stale_client_and_names_the_object() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key");
        fs::write(&file, "first").unwrap();
        let client = of(dir.path()).await;
        fs::write(&file, "the second").unwrap();
        let used = client.call(None, async |used| Ok(used.as_ref().clone()));
        assert_eq!(used.await.unwrap(), "the second");
        let (before, key) = (client.current().await, Key::new("v2/a").unwrap());
        let stale = async |_| Err::<(), _>(Error::new(ErrorKind::Denied, "get", "").retryable());
        let error = client.call(Some(&key), stale).await.unwrap_err();
        assert_eq!(error.key(), Some(&key));
        assert!(!Arc::ptr_eq(&before, &client.current().await), "made anew");
    }

    /// As Kubernetes does it: the files are links, and one link above them is turned.
    #[tokio::test]
    async fn a_secret_that_is_turned_by_its_link_is_seen() {
        let dir = tempfile::tempdir().unwrap();
        for (version, key) in [("..1", "one"), ("..2", "two")] {
            fs::create_dir(dir.path().join(version)).unwrap();
            fs::write(dir.path().join(version).join("key"), key).unwrap();
        }
        let data = dir.path().join("..data");
        std::os::unix::fs::symlink("..1", &data).unwrap();
        std::os::unix::fs::symlink("..data/key", dir.path().join("key")).unwrap();
        let client = of(dir.path()).await;
        assert_eq!(*client.current().await, "one");
        let turned = dir.path().join("..turned");
        std::os::unix::fs::symlink("..2", &turned).unwrap();
        fs::rename(turned, data).unwrap();
        assert_eq!(*client.current().await, "two");
    }

    /// A clock on which a wait ends when the test says so.
    #[derive(Debug)]
    struct Hand(Semaphore);

    #[async_trait]
    impl Clock for Hand {
        async fn sleep(&self, _duration: Duration) {
            self.0.acquire().await.unwrap().forget();
        }
    }

    /// A password was rotated while Keystone did not answer: every call of the store waited behind
    /// the one login, and ended at its deadline, though the old token was good for hours yet.
    #[tokio::test]
    async fn a_login_that_stalls_stops_nobody_for_long() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("key");
        fs::write(&file, "old").unwrap();
        let source = Source::Directory(dir.path().to_owned());
        let stalls = Arc::new(AtomicBool::new(false));
        let logins = Arc::new(AtomicUsize::new(0));
        let clock = Arc::new(Hand(Semaphore::new(0)));
        let watch = source.watch();
        let load = {
            let (stalls, logins) = (stalls.clone(), logins.clone());
            move || -> LoadFuture<String> {
                logins.fetch_add(1, Ordering::Relaxed);
                if stalls.load(Ordering::Relaxed) {
                    return Box::pin(std::future::pending());
                }
                let key = source
                    .read()
                    .map(|fields| fields.get("key").unwrap().to_owned());
                Box::pin(std::future::ready(key))
            }
        };
        let client = Reloading::by_clock(watch, load, clock.clone())
            .await
            .unwrap();
        assert_eq!(logins.load(Ordering::Relaxed), 1);

        stalls.store(true, Ordering::Relaxed);
        fs::write(&file, "the new one").unwrap();
        // One deadline passes, and all who waited go on.
        let passes = async { clock.0.add_permits(1) };
        let (one, other, ()) = tokio::join!(client.current(), client.current(), passes);
        assert_eq!((one.as_str(), other.as_str()), ("old", "old"));
        assert_eq!(*client.current().await, "old", "at once");
        assert_eq!(
            logins.load(Ordering::Relaxed),
            2,
            "one login for all of them"
        );

        stalls.store(false, Ordering::Relaxed);
        clock.0.add_permits(1);
        assert_eq!(*client.current().await, "the new one", "it is tried again");
    }
}
