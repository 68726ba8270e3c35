//! Loading a shared library, and the table of functions that it fills.

use std::error::Error as _;
use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use libloading::Library;
use snapstore::Result;

use super::guard::Guard;
use super::trusted::{self, refuse};
use crate::abi::{Entry, OK, Plugin, SYMBOL, size_of_struct};

/// What is loaded, by device and inode, as the loader of the system knows it.
static LOADED: Mutex<Vec<((u64, u64), Plugin)>> = Mutex::new(Vec::new());

/// Whether foreign code was let into this process.
static BEGUN: AtomicBool = AtomicBool::new(false);

/// Whether a plugin was loaded, or its loading begun.
pub(super) fn begun() -> bool {
    BEGUN.load(Ordering::SeqCst)
}

/// The functions of the plugin at `path`. Its constructors must end within `deadline`, or they end the
/// process; its entry point may block for as long as it likes.
pub(super) fn load(path: &Path, deadline: Duration) -> Result<Plugin> {
    let (file, real) = trusted::file(path)?;
    let what = format!("the plugin {}", real.display());
    let metadata = file
        .metadata()
        .map_err(|error| refuse(&what, &error.to_string()))?;
    let identity = (metadata.dev(), metadata.ino());
    let known = || {
        let loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = loaded.iter();
        all.find(|(other, _)| *other == identity)
            .map(|(_, table)| *table)
    };
    if let Some(table) = known() {
        return Ok(table);
    }
    BEGUN.store(true, Ordering::SeqCst);
    let library = open(&file, &real, deadline)?;
    let table = enter(library, file, &what)?;
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    loaded.push((identity, table));
    Ok(table)
}

/// What the loader is told to open: the very file that was checked, by its number, where the system
/// has names for those. Elsewhere its path, every directory of which only root and we can change.
fn name(file: &File, real: &Path) -> PathBuf {
    let by_number = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
    match fs::metadata(&by_number) {
        Ok(_) => by_number,
        Err(_) => real.to_owned(),
    }
}

fn open(file: &File, real: &Path, deadline: Duration) -> Result<Library> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let name = name(file, real);
    let _guard = Guard::over(real, deadline)?;
    // SAFETY: running foreign code is what loading a plugin means; the operator named the file,
    // and nobody else can have written it.
    unsafe { Library::new(&name) }.map_err(|error| {
        // The error says only that it failed; what the loader said is its cause.
        let said = error
            .source()
            .map_or(error.to_string(), ToString::to_string);
        let said = said.replace(&*name.to_string_lossy(), &real.to_string_lossy());
        let why = format!("it cannot be loaded: {said}; is it a shared library for this machine?");
        refuse(&format!("the plugin {}", real.display()), &why)
    })
}

fn enter(library: Library, file: File, what: &str) -> Result<Plugin> {
    // SAFETY: the symbol has this type by the header that the plugin was compiled with.
    let entry = unsafe { library.get::<Entry>(SYMBOL) }
        .map(|symbol| *symbol)
        .map_err(|_| {
            let why = format!(
                "it does not export {SYMBOL}: it is no plugin, or one for another version of the \
             interface"
            );
            refuse(what, &why)
        })?;
    // It stays loaded for good, for its threads live on; and its file stays open, so that the name
    // under which the loader remembers it never comes to mean another.
    std::mem::forget((library, file));
    let mut table = Plugin {
        struct_size: size_of_struct::<Plugin>(),
        ..Plugin::default()
    };
    // SAFETY: the table is ours, and its first field says its size.
    let answer = unsafe { entry(&mut table) };
    if answer != OK {
        let why = format!("{SYMBOL} answered {answer} instead of 0");
        return Err(refuse(what, &why));
    }
    complete(&table).map_err(|missing| {
        let why = format!("it lacks the function {missing}, which every plugin must have");
        refuse(what, &why)
    })?;
    Ok(table)
}

/// The name of a required function that is not there.
fn complete(table: &Plugin) -> std::result::Result<(), &'static str> {
    let required = [
        ("open", table.open.is_some()),
        ("close", table.close.is_some()),
        ("describe", table.describe.is_some()),
        ("put", table.put.is_some()),
        ("head", table.head.is_some()),
        ("list", table.list.is_some()),
        ("remove", table.remove.is_some()),
        ("get", table.get.is_some()),
        ("read", table.read.is_some()),
        ("close_reader", table.close_reader.is_some()),
    ];
    match required.iter().find(|(_, there)| !there) {
        Some((missing, _)) => Err(missing),
        None => Ok(()),
    }
}
