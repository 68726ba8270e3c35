//! The functions on an object being read.

use std::ffi::c_void;

use futures::TryStreamExt;
use snapstore::ByteStream;
use tokio::sync::Mutex;

use super::answer::{Answer, guard, object_id};
use super::handle::held;
use crate::abi::{Bytes, Call};

/// A body, and what of its last piece has not been taken.
struct Reader(Mutex<(ByteStream, snapstore::Bytes)>);

pub(super) unsafe extern "C" fn get(
    call: *const Call,
    store: *mut c_void,
    name: Bytes,
    version: Bytes,
    start: u64,
    end: u64,
    reader: *mut *mut c_void,
) -> i32 {
    let body = |answer: Answer<'_>| {
        // SAFETY: a handle of ours.
        let store = unsafe { held(store) };
        // SAFETY: the host's bytes, valid during the call.
        let id = unsafe { object_id(name, version) }?;
        let range = (start != 0 || end != u64::MAX).then_some(start..end);
        let download = answer.wait(store.get(&id, range))?;
        answer.object(&download.meta);
        answer.range(download.range.start, download.range.end);
        let held = Reader(Mutex::new((download.body, snapstore::Bytes::new())));
        // SAFETY: the host's place for the handle.
        unsafe { *reader = Box::into_raw(Box::new(held)).cast() };
        Ok(())
    };
    // SAFETY: the host's call.
    unsafe { guard(call, "get", body) }
}

pub(super) unsafe extern "C" fn read(
    call: *const Call,
    reader: *mut c_void,
    buffer: *mut u8,
    length: usize,
    taken: *mut usize,
) -> i32 {
    let body = |answer: Answer<'_>| {
        // SAFETY: a handle of ours.
        let reader = unsafe { &*reader.cast::<Reader>() };
        let piece = answer.wait(async {
            let mut state = reader.0.lock().await;
            let (body, rest) = &mut *state;
            while rest.is_empty() {
                match body.try_next().await? {
                    Some(piece) => *rest = piece,
                    None => break,
                }
            }
            Ok(rest.split_to(rest.len().min(length)))
        })?;
        // SAFETY: the host's buffer has `length` bytes, and the piece has no more.
        unsafe { std::ptr::copy_nonoverlapping(piece.as_ptr(), buffer, piece.len()) };
        // SAFETY: the host's place for the count.
        unsafe { *taken = piece.len() };
        Ok(())
    };
    // SAFETY: the host's call.
    unsafe { guard(call, "get", body) }
}

pub(super) unsafe extern "C" fn close_reader(reader: *mut c_void) {
    // SAFETY: the handle is ours, and this is its last use.
    let held = unsafe { Box::from_raw(reader.cast::<Reader>()) };
    // A panic while closing has nobody to tell.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(held)));
}
