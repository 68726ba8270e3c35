//! The runtime of a command, and what it must have of the machine: threads, open files and memory. All
//! of it is asked for before anything else is done. A runtime that gets no thread in the middle of its
//! work waits for one for ever; one that gets none at its start, and an allocation that fails, end the
//! process without a word that an operator understands.

use std::fs::File;
use std::num::NonZero;
use std::sync::{Arc, RwLock};
use std::thread::available_parallelism;
use std::time::Duration;

use engine::machine::{remedy, start_thread};
use engine::size::bytes;
use rustix::process::{Resource, Signal, getrlimit};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

use crate::error::{Error, Result};

/// Threads that drive connections: one for each core, and no more than help.
const WORKERS: usize = 8;

/// Threads of the runtime that wait for files and names: one does the work of the command, and the
/// others read a store in a directory or ask for the address of one elsewhere.
const BLOCKING: usize = 4;

/// Threads that the work starts itself, at the least: writers, readers ahead of them, one delta.
const OWN: usize = 6;

/// Threads for more deltas, if there may be so many.
const FETCHERS: usize = 16;

/// Files and sockets open at once, at the least.
const FILES: usize = 32;

/// What a restore may take, in bytes, beside what is reserved for threads.
const MEMORY: usize = 256 << 20;

/// The runtime, with threads that stay.
pub(crate) fn start() -> Result<Runtime> {
    let workers = cores().min(WORKERS);
    let files: Result<Vec<File>> = (0..FILES).map(open_one).collect();
    drop(files?);
    memory(workers + BLOCKING + OWN + FETCHERS)?;
    threads(workers + BLOCKING + OWN)?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_keep_alive(Duration::from_hours(24))
        .enable_all()
        .build()
        .map_err(|error| {
            let remedy = remedy(&error, "/".as_ref());
            Error::new(format!("cannot start the runtime: {error}{remedy}"))
        })?;
    runtime
        .block_on(prepare(&runtime))
        .map_err(|error| Error::new(format!("cannot listen for signals: {error}")))?;
    Ok(runtime)
}

/// Ends no thread of it: the process ends next. A handle that is dropped detaches its thread, and glibc up to 2.36 at least reads the
/// memory of one that ends in that very moment (`pthread_detach`, its bug 19951): a command that had done its work ended by a
/// segmentation fault. One that waits for a store, as for a dead mount, cannot be ended anyway, and must not hold up the process.
pub(crate) fn leave(runtime: Runtime) {
    std::mem::forget(runtime);
}

/// Takes the runtime's threads into their pool, and takes away the signal that would end the process at
/// a limit on the size of a file: the write fails instead, and is told.
async fn prepare(runtime: &Runtime) -> std::io::Result<()> {
    let gate = Arc::new(RwLock::new(()));
    let closed = gate.write();
    let waiting: Vec<_> = (0..BLOCKING)
        .map(|_| {
            let gate = gate.clone();
            runtime.spawn_blocking(move || drop(gate.read()))
        })
        .collect();
    drop(closed);
    for one in waiting {
        // It did nothing that could fail.
        let _ = one.await;
    }
    signal(SignalKind::from_raw(Signal::XFSZ.as_raw())).map(drop)
}

/// The root is there also where no device is: in an image with nothing else, under chroot.
fn open_one(number: usize) -> Result<File> {
    let path = "/";
    File::open(path).map_err(|error| {
        let remedy = remedy(&error, path.as_ref());
        Error::new(format!(
            "cannot open {FILES} files at once, but {number}: {error}{remedy}"
        ))
    })
}

/// Has so many threads at once, and lets them go.
fn threads(count: usize) -> Result<()> {
    let gate = Arc::new(RwLock::new(()));
    let closed = gate.write();
    let one = |_| {
        let gate = gate.clone();
        start_thread(move || drop(gate.read()))
    };
    let started: Vec<_> = (0..count).map(one).collect();
    drop(closed);
    let had = started.iter().filter(|one| one.is_ok()).count();
    let mut failed = None;
    for one in started {
        match one {
            Ok(thread) => drop(thread.join()),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    match failed {
        None => Ok(()),
        Some(error) => Err(Error::new(format!(
            "{count} threads are needed at once, and {had} can be had: {error}"
        ))),
    }
}

/// Has that much memory, and lets it go. Not touched, it takes none.
fn memory(threads: usize) -> Result<()> {
    let needed = address_space(threads);
    let error = std::io::Error::from(rustix::io::Errno::NOMEM);
    let too_low = getrlimit(Resource::As)
        .current
        .is_some_and(|limit| limit < needed);
    let reserved = Vec::<u8>::new().try_reserve_exact(MEMORY);
    if !too_low && reserved.is_ok() {
        return Ok(());
    }
    let (needed, remedy) = (bytes(needed), remedy(&error, "/".as_ref()));
    Err(Error::new(format!(
        "{needed} of address space are needed: {error}{remedy}"
    )))
}

/// What may be reserved, in bytes, most of it never used: glibc takes 64 MiB of addresses for each
/// thread, up to eight times the number of cores (malloc/arena.c, HEAP_MAX_SIZE; mallopt(3),
/// M_ARENA_MAX).
fn address_space(threads: usize) -> u64 {
    const ARENA: usize = 64 << 20;
    let arenas = match cfg!(target_env = "gnu") {
        true => threads.min(8 * cores()),
        false => 0,
    };
    (MEMORY + arenas * ARENA) as u64
}

fn cores() -> usize {
    available_parallelism().map_or(1, NonZero::get)
}
