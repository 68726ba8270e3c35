//! The plugin's side: an ordinary [`Snapstore`](snapstore::Snapstore) behind C functions.

mod answer;
mod entry;
mod handle;
mod object;
mod store;
mod upload;

pub use entry::Entry;

use crate::abi::{OK, Plugin, size_of_struct};

/// Fills the table of a plugin.
///
/// # Safety
/// `out` points to a [`Plugin`] whose `struct_size` says how much of it there is room for.
pub unsafe fn fill<E: Entry>(out: *mut Plugin) -> i32 {
    let table = Plugin {
        struct_size: size_of_struct::<Plugin>(),
        reserved: 0,
        open: Some(store::open::<E>),
        close: Some(store::close),
        describe: Some(store::describe),
        put: Some(store::put),
        head: Some(store::head),
        list: Some(store::list),
        remove: Some(store::remove),
        get: Some(object::get),
        read: Some(object::read),
        close_reader: Some(object::close_reader),
        start_upload: Some(upload::start_upload),
        part: Some(upload::part),
        complete: Some(upload::complete),
        abort: Some(upload::abort),
        close_upload: Some(upload::close_upload),
        sweep: Some(store::sweep),
    };
    // SAFETY: the caller's struct begins with its size.
    let room = unsafe { (*out).struct_size };
    let filled = room.min(table.struct_size);
    let from = std::ptr::from_ref(&table).cast::<u8>();
    // SAFETY: both sides have `filled` bytes, and one of them is ours.
    unsafe { std::ptr::copy_nonoverlapping(from, out.cast::<u8>(), filled as usize) };
    // SAFETY: as above.
    unsafe { (*out).struct_size = filled };
    OK
}

/// Makes a plugin of a crate: its type is `cdylib`, and `open` has the signature of
/// [`guest::Entry::open`](crate::guest::Entry::open).
#[macro_export]
macro_rules! export_snapstore {
    ($open:path) => {
        struct SnapstorePlugin;

        impl $crate::guest::Entry for SnapstorePlugin {
            fn open(
                config: &str,
            ) -> ::snapstore::Result<::std::sync::Arc<dyn ::snapstore::Snapstore>> {
                $open(config)
            }
        }

        /// The one symbol of a plugin.
        ///
        /// # Safety
        /// As `snapstore.h` says.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn snapstore_plugin_v1(out: *mut $crate::abi::Plugin) -> i32 {
            // SAFETY: passed on.
            unsafe { $crate::guest::fill::<SnapstorePlugin>(out) }
        }
    };
}
