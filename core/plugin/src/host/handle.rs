//! Pointers of a plugin's, and the thread on which they are closed.

use std::ffi::c_void;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use snapstore::{Error, ErrorKind, Result};

use super::reply::Reply;
use crate::abi::Close;

/// How long a store that is given up waits for the plugin to close what is left. What takes longer is
/// left behind: it must not hold up the end of the process.
pub(super) const WAIT: Duration = Duration::from_secs(5);

/// A pointer of the plugin's, closed when dropped.
#[derive(Debug)]
pub(super) struct Handle {
    pointer: *mut c_void,
    close: Option<Close>,
    closer: Arc<Closer>,
    /// Closed after this one. Dropped after it too: see `Drop`.
    _after: Option<Arc<Handle>>,
}

// SAFETY: the header says that calls on one handle may come from several threads at once.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

impl Handle {
    pub(super) fn new(pointer: *mut c_void, close: Option<Close>, closer: Arc<Closer>) -> Self {
        Self {
            pointer,
            close,
            closer,
            _after: None,
        }
    }

    /// A handle that came from a call on `store`, and is closed before it.
    pub(super) fn of(store: &Arc<Self>, pointer: *mut c_void, close: Option<Close>) -> Self {
        let mut handle = Self::new(pointer, close, store.closer.clone());
        handle._after = Some(store.clone());
        handle
    }

    /// The handle that came with the answer of a call that went well.
    pub(super) fn given(self, reply: &Reply) -> Result<Self> {
        match self.pointer.is_null() {
            true => Err(reply.wrong("it said that all is well and gave no handle")),
            false => Ok(self),
        }
    }

    pub(super) fn pointer(&self) -> *mut c_void {
        self.pointer
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(close) = self.close.filter(|_| !self.pointer.is_null()) {
            self.closer.take(Last {
                pointer: self.pointer,
                close,
            });
        }
    }
}

/// The last call on a handle.
struct Last {
    pointer: *mut c_void,
    close: Close,
}

// SAFETY: as for `Handle`.
unsafe impl Send for Last {}

/// Closes handles on a thread of its own, in the order in which they are given up: a plugin may take
/// as long as it likes to close something, and blocks neither the runtime nor who drops the handle. Only
/// who drops the last one waits, up to [`WAIT`].
#[derive(Debug)]
pub(super) struct Closer {
    /// `None` once nothing more comes.
    queue: Mutex<Option<Sender<Last>>>,
    /// Ends when the thread does.
    ended: Mutex<Receiver<()>>,
}

impl Closer {
    /// Starts the thread.
    pub(super) fn start() -> Result<Arc<Self>> {
        let (queue, coming) = channel::<Last>();
        let (until, ended) = channel();
        let work = move || {
            for Last { pointer, close } in coming {
                // SAFETY: the plugin gave it, and this is its last use.
                unsafe { close(pointer) };
            }
            drop(until);
        };
        let named = thread::Builder::new().name("plugin-close".to_owned());
        named.spawn(work).map_err(|error| {
            let message = format!("no thread can be had to close what a plugin opened: {error}");
            Error::new(ErrorKind::Unexpected, "open", message).retryable()
        })?;
        Ok(Arc::new(Self {
            queue: Mutex::new(Some(queue)),
            ended: Mutex::new(ended),
        }))
    }

    fn take(&self, last: Last) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = &*queue {
            // The thread ends only after the queue.
            let _ = queue.send(last);
        }
    }
}

impl Drop for Closer {
    fn drop(&mut self) {
        let queue = self.queue.get_mut();
        drop(queue.unwrap_or_else(PoisonError::into_inner).take());
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        // An error is what is waited for: the thread let go of its end. Time that runs out is another.
        let _ = ended.recv_timeout(WAIT);
    }
}
