//! What a host holds of ours, and says to it.

use std::ffi::c_void;
use std::sync::Arc;

use snapstore::{PutMode, Snapstore};

use crate::abi;

pub(super) type Held = Arc<dyn Snapstore>;

/// The store behind a handle.
///
/// # Safety
/// `store` came out of [`open`](super::store::open) and was not closed.
pub(super) unsafe fn held<'a>(store: *mut c_void) -> &'a Held {
    // SAFETY: promised by the caller.
    unsafe { &*store.cast::<Held>() }
}

pub(super) fn mode(mode: u32) -> PutMode {
    if mode == abi::OVERWRITE {
        PutMode::Overwrite
    } else {
        PutMode::CreateNew
    }
}
