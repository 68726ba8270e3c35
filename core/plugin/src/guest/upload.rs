//! The functions on an upload.

use std::ffi::c_void;

use snapstore::{PartReceipt, Result, Upload, UploadOptions};

use super::answer::{Answer, guard, key, text};
use super::handle::{held, mode};
use crate::abi::{Bytes, Call, Receipt};

type Held = Box<dyn Upload>;

/// The upload behind a handle.
///
/// # Safety
/// `upload` came out of [`start_upload`] and was not closed.
unsafe fn upload_of<'a>(upload: *mut c_void) -> &'a dyn Upload {
    // SAFETY: promised by the caller.
    let held = unsafe { &*upload.cast::<Held>() };
    &**held
}

pub(super) unsafe extern "C" fn start_upload(
    call: *const Call,
    store: *mut c_void,
    name: Bytes,
    how: u32,
    part_size: u64,
    upload: *mut *mut c_void,
) -> i32 {
    let body = |answer: Answer<'_>| {
        // SAFETY: a handle of ours.
        let store = unsafe { held(store) };
        // SAFETY: the host's bytes, valid during the call.
        let key = unsafe { key(name) }?;
        let options = UploadOptions {
            mode: mode(how),
            part_size,
        };
        let started: Held = answer.wait(store.start_upload(&key, options))?;
        // SAFETY: the host's place for the handle.
        unsafe { *upload = Box::into_raw(Box::new(started)).cast() };
        Ok(())
    };
    // SAFETY: the host's call.
    unsafe { guard(call, "start_upload", body) }
}

pub(super) unsafe extern "C" fn part(
    call: *const Call,
    upload: *mut c_void,
    number: u32,
    data: Bytes,
) -> i32 {
    let body = |answer: Answer<'_>| {
        // SAFETY: a handle of ours.
        let upload = unsafe { upload_of(upload) };
        // SAFETY: the host's bytes, valid during the call.
        let data = unsafe { data.read() }.unwrap_or_default();
        let data = snapstore::Bytes::copy_from_slice(data);
        answer.text(&answer.wait(upload.part(number, data))?.token);
        Ok(())
    };
    // SAFETY: the host's call.
    unsafe { guard(call, "part", body) }
}

pub(super) unsafe extern "C" fn complete(
    call: *const Call,
    upload: *mut c_void,
    receipts: *const Receipt,
    count: usize,
) -> i32 {
    let body = |answer: Answer<'_>| {
        // SAFETY: a handle of ours.
        let upload = unsafe { upload_of(upload) };
        let receipts = if count == 0 {
            &[]
        } else {
            // SAFETY: the host's array of `count` receipts, valid during the call.
            unsafe { std::slice::from_raw_parts(receipts, count) }
        };
        let owned = |receipt: &Receipt| -> Result<PartReceipt> {
            // SAFETY: the host's bytes, valid during the call.
            let token = unsafe { text(receipt.token) }?
                .unwrap_or_default()
                .to_owned();
            Ok(PartReceipt {
                number: receipt.number,
                token,
            })
        };
        let receipts = receipts.iter().map(owned).collect::<Result<Vec<_>>>()?;
        answer.object(&answer.wait(upload.complete(&receipts))?);
        Ok(())
    };
    // SAFETY: the host's call.
    unsafe { guard(call, "complete", body) }
}

pub(super) unsafe extern "C" fn abort(call: *const Call, upload: *mut c_void) -> i32 {
    let body = |answer: Answer<'_>| {
        // SAFETY: a handle of ours.
        let upload = unsafe { upload_of(upload) };
        answer.wait(upload.abort())
    };
    // SAFETY: the host's call.
    unsafe { guard(call, "abort", body) }
}

pub(super) unsafe extern "C" fn close_upload(upload: *mut c_void) {
    // SAFETY: the handle is ours, and this is its last use.
    let held = unsafe { Box::from_raw(upload.cast::<Held>()) };
    // A panic while closing has nobody to tell.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(held)));
}
