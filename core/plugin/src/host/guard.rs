//! What ends the process when a plugin hangs in its constructor.
//!
//! Constructors run under the lock of the system's loader (glibc, elf/dl-open.c), which any other thread
//! may need next, to register a destructor of a thread's own variable (`__cxa_thread_atexit_impl`) for
//! instance: with it held for ever no runtime goes on, no error is told and no signal is heard. So while
//! a library is loaded, a thread that needs no such lock watches the clock, and SIGINT and SIGTERM end
//! the process in their handler.

use std::ffi::c_int;
use std::path::Path;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use snapstore::{Error, ErrorKind, Result};

/// The exit code of what failed, as everywhere in the program.
const FAILURE: c_int = 1;

/// What is said when a signal ends the process: set while a library is being loaded, never freed.
static LOADING: AtomicPtr<String> = AtomicPtr::new(std::ptr::null_mut());

/// Loading goes on for as long as this lives. One at a time: what a signal says is one.
pub(super) struct Guard {
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(PartialEq)]
enum State {
    Starting,
    Loading,
    Loaded,
}

impl Guard {
    /// Watches over a load that begins now.
    ///
    /// Errors: `Unexpected` if no thread can be had for it, or no signal be listened to.
    pub(super) fn over(path: &Path, deadline: Duration) -> Result<Self> {
        let failed = |error: std::io::Error| {
            let message = format!("nothing can watch over the load of a plugin: {error}");
            Error::new(ErrorKind::Unexpected, "load", message).retryable()
        };
        listen().map_err(failed)?;
        let plugin = path.display();
        let late = format!("error: the plugin {plugin}: it was not loaded within {deadline:?}\n");
        let signal = format!("error: interrupted while the plugin {plugin} was loaded\n");
        let state = Arc::new((Mutex::new(State::Starting), Condvar::new()));
        let guard = Self {
            state: state.clone(),
        };
        let named = thread::Builder::new().name("plugin-load".to_owned());
        named
            .spawn(move || watch(&state, deadline, &late))
            .map_err(failed)?;
        guard.wait_for_the_watch();
        LOADING.store(Box::into_raw(Box::new(signal)), Ordering::SeqCst);
        Ok(guard)
    }

    /// The thread has all that it needs of the loader before the lock is taken.
    fn wait_for_the_watch(&self) {
        let (state, changed) = &*self.state;
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        drop(changed.wait_while(state, |state| *state == State::Starting));
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        LOADING.store(std::ptr::null_mut(), Ordering::SeqCst);
        let (state, changed) = &*self.state;
        *state.lock().unwrap_or_else(PoisonError::into_inner) = State::Loaded;
        changed.notify_all();
    }
}

fn watch(state: &(Mutex<State>, Condvar), deadline: Duration, late: &str) {
    let (state, changed) = state;
    let mut held = state.lock().unwrap_or_else(PoisonError::into_inner);
    *held = State::Loading;
    changed.notify_all();
    let waited = changed.wait_timeout_while(held, deadline, |state| *state != State::Loaded);
    let (_held, waited) = waited.unwrap_or_else(PoisonError::into_inner);
    if waited.timed_out() {
        end(late);
    }
}

/// Takes the signals that end a process. Others that listen to them, as the runtime does, still hear
/// them.
fn listen() -> std::io::Result<()> {
    static LISTENS: Mutex<bool> = Mutex::new(false);
    let mut listens = LISTENS.lock().unwrap_or_else(PoisonError::into_inner);
    if !*listens {
        let each = [libc::SIGINT, libc::SIGTERM].map(|signal| {
            // SAFETY: what runs in the handler reads one pointer, writes and exits: all of it is
            // async-signal-safe (signal-safety(7)).
            unsafe { signal_hook_registry::register(signal, interrupted) }
        });
        for registered in each {
            registered?;
        }
        *listens = true;
    }
    Ok(())
}

fn interrupted() {
    // SAFETY: it points to a text that is never freed, or nowhere.
    if let Some(said) = unsafe { LOADING.load(Ordering::SeqCst).as_ref() } {
        end(said);
    }
}

/// Says why on standard error and ends the process, in a way that needs no lock.
fn end(said: &str) {
    // SAFETY: the text is as long as that. What cannot be said is not: the process ends.
    unsafe { libc::write(libc::STDERR_FILENO, said.as_ptr().cast(), said.len()) };
    // SAFETY: it ends the process at once.
    unsafe { libc::_exit(FAILURE) };
}
