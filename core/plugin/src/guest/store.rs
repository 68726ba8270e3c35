//! The functions on a store. Their safety is that of the table: the host calls them as
//! `snapstore.h` says.

use std::ffi::c_void;
use std::time::{Duration, SystemTime};

use snapstore::{ListRequest, PageToken, PutOptions, Versions};

use super::answer::{guard, key, object_id, text};
use super::entry::Entry;
use super::handle::{Held, held, mode};
use crate::abi::{self, Bytes, Call, Description, size_of_struct};

pub(super) unsafe extern "C" fn open<E: Entry>(
    call: *const Call,
    config: Bytes,
    store: *mut *mut c_void,
) -> i32 {
    let body = |answer: super::answer::Answer<'_>| {
        // SAFETY: the host's text, valid during the call.
        let config = unsafe { text(config) }?.unwrap_or("{}");
        // Inside the runtime, so that a store may spawn while it opens.
        let opened: Held = answer.wait(async { E::open(config) })?;
        // SAFETY: the host's place for the handle.
        unsafe { *store = Box::into_raw(Box::new(opened)).cast() };
        Ok(())
    };
    // SAFETY: the host's call.
    unsafe { guard(call, "open", body) }
}

pub(super) unsafe extern "C" fn close(store: *mut c_void) {
    // SAFETY: the handle is ours, and this is its last use.
    let held = unsafe { Box::from_raw(store.cast::<Held>()) };
    // A panic while closing has nobody to tell.
    let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(held)));
}

pub(super) unsafe extern "C" fn describe(call: *const Call, store: *mut c_void) -> i32 {
    let body = |answer: super::answer::Answer<'_>| {
        // SAFETY: a handle of ours.
        let store = unsafe { held(store) };
        let (can, location) = (store.capabilities(), store.location());
        let capabilities = [
            (can.create_new, abi::CAN_CREATE_NEW),
            (can.versions, abi::CAN_VERSIONS),
            (can.retention, abi::CAN_RETENTION),
            (can.uploads.is_some(), abi::CAN_UPLOADS),
            (can.checks_content, abi::CAN_CHECK_CONTENT),
        ];
        let uploads = can.uploads.as_ref();
        answer.description(&Description {
            struct_size: size_of_struct::<Description>(),
            capabilities: capabilities
                .iter()
                .filter(|(can, _)| *can)
                .map(|(_, bit)| bit)
                .sum(),
            bucket: Bytes::of(location.bucket.as_bytes()),
            prefix: Bytes::of(location.prefix.as_bytes()),
            part_size_min: uploads.map_or(0, |limits| *limits.part_size.start()),
            part_size_max: uploads.map_or(0, |limits| *limits.part_size.end()),
            max_parts: uploads.map_or(0, |limits| limits.max_parts),
            reserved: 0,
        });
        Ok(())
    };
    // SAFETY: the host's call.
    unsafe { guard(call, "describe", body) }
}

pub(super) unsafe extern "C" fn put(
    call: *const Call,
    store: *mut c_void,
    name: Bytes,
    data: Bytes,
    how: u32,
) -> i32 {
    let body = |answer: super::answer::Answer<'_>| {
        // SAFETY: a handle of ours.
        let store = unsafe { held(store) };
        // SAFETY: the host's bytes, valid during the call.
        let key = unsafe { key(name) }?;
        // SAFETY: as above.
        let data = unsafe { data.read() }.unwrap_or_default();
        let data = snapstore::Bytes::copy_from_slice(data);
        let meta = answer.wait(store.put(&key, data, PutOptions { mode: mode(how) }))?;
        answer.object(&meta);
        Ok(())
    };
    // SAFETY: the host's call.
    unsafe { guard(call, "put", body) }
}

pub(super) unsafe extern "C" fn head(
    call: *const Call,
    store: *mut c_void,
    name: Bytes,
    version: Bytes,
) -> i32 {
    let body = |answer: super::answer::Answer<'_>| {
        // SAFETY: a handle of ours.
        let store = unsafe { held(store) };
        // SAFETY: the host's bytes, valid during the call.
        let id = unsafe { object_id(name, version) }?;
        answer.object(&answer.wait(store.head(&id))?);
        Ok(())
    };
    // SAFETY: the host's call.
    unsafe { guard(call, "head", body) }
}

pub(super) unsafe extern "C" fn list(
    call: *const Call,
    store: *mut c_void,
    prefix: Bytes,
    versions: u32,
    page: Bytes,
) -> i32 {
    let body = |answer: super::answer::Answer<'_>| {
        // SAFETY: a handle of ours.
        let store = unsafe { held(store) };
        // SAFETY: the host's bytes, valid during the call.
        let prefix = unsafe { text(prefix) }?.unwrap_or_default();
        // SAFETY: as above.
        let page = unsafe { text(page) }?;
        let request = ListRequest {
            prefix: prefix.to_owned(),
            versions: if versions == 0 {
                Versions::Current
            } else {
                Versions::All
            },
            page: page.map(|token| PageToken(token.to_owned())),
        };
        let page = answer.wait(store.list(&request))?;
        page.objects.iter().for_each(|meta| answer.object(meta));
        if let Some(next) = page.next {
            answer.text(&next.0);
        }
        Ok(())
    };
    // SAFETY: the host's call.
    unsafe { guard(call, "list", body) }
}

pub(super) unsafe extern "C" fn remove(
    call: *const Call,
    store: *mut c_void,
    name: Bytes,
    version: Bytes,
) -> i32 {
    let body = |answer: super::answer::Answer<'_>| {
        // SAFETY: a handle of ours.
        let store = unsafe { held(store) };
        // SAFETY: the host's bytes, valid during the call.
        let id = unsafe { object_id(name, version) }?;
        answer.wait(store.delete(&id))
    };
    // SAFETY: the host's call.
    unsafe { guard(call, "delete", body) }
}

pub(super) unsafe extern "C" fn sweep(
    call: *const Call,
    store: *mut c_void,
    idle_since: i64,
    swept: *mut u64,
) -> i32 {
    let body = |answer: super::answer::Answer<'_>| {
        // SAFETY: a handle of ours.
        let store = unsafe { held(store) };
        let count = answer.wait(store.sweep(time_of(idle_since)))?;
        // SAFETY: the host's place for the answer.
        unsafe { *swept = count };
        Ok(())
    };
    // SAFETY: the host's call.
    unsafe { guard(call, "sweep", body) }
}

/// Nanoseconds since 1970 as a time; one that cannot be is the beginning, before which nothing is.
fn time_of(nanoseconds: i64) -> SystemTime {
    let since = u64::try_from(nanoseconds).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::from_nanos(since)
}
