use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use libloading::Library;
use snapstore::{Error, ErrorKind, Result};

use crate::abi::{Entry, OK, Plugin, SYMBOL, size_of_struct};

/// Bits of a mode that let others than the owner write.
const OTHERS_WRITE: u32 = 0o022;

/// The functions of the plugin at `path`. It stays loaded for good: its threads live on.
pub(super) fn load(path: &Path) -> Result<Plugin> {
    let path = trusted(path)?;
    // SAFETY: running foreign code is what loading a plugin means; the operator named the file,
    // and nobody else can have written it.
    let library = unsafe { Library::new(&path) }.map_err(|error| {
        refuse(
            &path,
            &format!("it cannot be loaded: {error}; is it a shared library for this machine?"),
        )
    })?;
    // SAFETY: the symbol has this type by the header that the plugin was compiled with.
    let entry = unsafe { library.get::<Entry>(SYMBOL) }
        .map(|symbol| *symbol)
        .map_err(|_| {
            let what = format!(
                "it does not export {SYMBOL}: it is no plugin, or one for another version of the \
             interface"
            );
            refuse(&path, &what)
        })?;
    std::mem::forget(library);
    let mut table = Plugin {
        struct_size: size_of_struct::<Plugin>(),
        ..Plugin::default()
    };
    // SAFETY: the table is ours, and its first field says its size.
    let answer = unsafe { entry(&mut table) };
    if answer != OK {
        return Err(refuse(
            &path,
            &format!("{SYMBOL} answered {answer} instead of 0"),
        ));
    }
    complete(&table).map_err(|missing| {
        refuse(
            &path,
            &format!("it lacks the function {missing}, which every plugin must have"),
        )
    })?;
    Ok(table)
}

/// The real path of a file that only its owner may write, and whose owner may do as they like
/// with this process anyway.
fn trusted(path: &Path) -> Result<PathBuf> {
    let real = fs::canonicalize(path).map_err(|error| refuse(path, &error.to_string()))?;
    let metadata = fs::metadata(&real).map_err(|error| refuse(path, &error.to_string()))?;
    if !metadata.is_file() {
        return Err(refuse(&real, "it is no file"));
    }
    if metadata.mode() & OTHERS_WRITE != 0 {
        return Err(refuse(
            &real,
            "others than its owner may write it, and loading it is running it; chmod go-w it",
        ));
    }
    let me = rustix::process::geteuid().as_raw();
    if metadata.uid() != 0 && metadata.uid() != me {
        return Err(refuse(
            &real,
            "it belongs to another user; only root's and your own are loaded",
        ));
    }
    Ok(real)
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

fn refuse(path: &Path, what: &str) -> Error {
    let message = format!("the plugin {}: {what}", path.display());
    Error::new(ErrorKind::Config, "load", message)
}
