//! `include/snapstore.h`, line by line. A test compiles the header and compares every offset.

use std::ffi::c_void;
use std::time::SystemTime;

pub const OK: i32 = 0;
pub const FAILED: i32 = 1;

pub const CREATE_NEW: u32 = 0;
pub const OVERWRITE: u32 = 1;

pub const EXCLUDED: u32 = 1;
pub const DELETE_MARKER: u32 = 2;
pub const RETAINED: u32 = 4;

pub const CAN_CREATE_NEW: u32 = 1;
pub const CAN_VERSIONS: u32 = 2;
pub const CAN_RETENTION: u32 = 4;
pub const CAN_UPLOADS: u32 = 8;
pub const CAN_CHECK_CONTENT: u32 = 16;

/// The name of the one symbol.
pub const SYMBOL: &str = "snapstore_plugin_v1";

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Bytes {
    pub data: *const u8,
    pub length: usize,
}

impl Bytes {
    /// Nothing, which differs from an empty text.
    pub const NONE: Self = Self {
        data: std::ptr::null(),
        length: 0,
    };

    /// `bytes`, for as long as they live.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            data: bytes.as_ptr(),
            length: bytes.len(),
        }
    }

    /// `text`, or nothing.
    pub fn option(text: Option<&str>) -> Self {
        text.map_or(Self::NONE, |text| Self::of(text.as_bytes()))
    }

    /// What is meant; `None` for nothing.
    ///
    /// # Safety
    /// `data` is null or points to `length` bytes that stay as they are for `'a`.
    pub unsafe fn read<'a>(self) -> Option<&'a [u8]> {
        if self.data.is_null() {
            return None;
        }
        // SAFETY: promised by the caller.
        Some(unsafe { std::slice::from_raw_parts(self.data, self.length) })
    }
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Meta {
    pub struct_size: u32,
    pub flags: u32,
    pub key: Bytes,
    pub version: Bytes,
    pub etag: Bytes,
    pub size: u64,
    /// [`UNKNOWN`] if it is not known.
    pub modified: i64,
    pub retain_until: i64,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Description {
    pub struct_size: u32,
    pub capabilities: u32,
    pub bucket: Bytes,
    pub prefix: Bytes,
    pub part_size_min: u64,
    pub part_size_max: u64,
    pub max_parts: u32,
    pub reserved: u32,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Host {
    pub struct_size: u32,
    pub reserved: u32,
    pub fail: unsafe extern "C" fn(*mut c_void, u32, i32, Bytes),
    pub object: unsafe extern "C" fn(*mut c_void, *const Meta),
    pub text: unsafe extern "C" fn(*mut c_void, Bytes),
    pub range: unsafe extern "C" fn(*mut c_void, u64, u64),
    pub description: unsafe extern "C" fn(*mut c_void, *const Description),
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub struct_size: u32,
    pub reserved: u32,
    pub host: *const Host,
    pub reply: *mut c_void,
    pub deadline_ms: u64,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Receipt {
    pub number: u32,
    pub reserved: u32,
    pub token: Bytes,
}

pub type Open = unsafe extern "C" fn(*const Call, Bytes, *mut *mut c_void) -> i32;
pub type Close = unsafe extern "C" fn(*mut c_void);
pub type Describe = unsafe extern "C" fn(*const Call, *mut c_void) -> i32;
pub type Put = unsafe extern "C" fn(*const Call, *mut c_void, Bytes, Bytes, u32) -> i32;
pub type OfObject = unsafe extern "C" fn(*const Call, *mut c_void, Bytes, Bytes) -> i32;
pub type List = unsafe extern "C" fn(*const Call, *mut c_void, Bytes, u32, Bytes) -> i32;
pub type Get =
    unsafe extern "C" fn(*const Call, *mut c_void, Bytes, Bytes, u64, u64, *mut *mut c_void) -> i32;
pub type Read = unsafe extern "C" fn(*const Call, *mut c_void, *mut u8, usize, *mut usize) -> i32;
pub type StartUpload =
    unsafe extern "C" fn(*const Call, *mut c_void, Bytes, u32, u64, *mut *mut c_void) -> i32;
pub type Part = unsafe extern "C" fn(*const Call, *mut c_void, u32, Bytes) -> i32;
pub type Complete = unsafe extern "C" fn(*const Call, *mut c_void, *const Receipt, usize) -> i32;
pub type Sweep = unsafe extern "C" fn(*const Call, *mut c_void, i64, *mut u64) -> i32;
pub type Abort = unsafe extern "C" fn(*const Call, *mut c_void) -> i32;

/// All functions of a plugin. One that is missing is `None`.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct Plugin {
    pub struct_size: u32,
    pub reserved: u32,
    pub open: Option<Open>,
    pub close: Option<Close>,
    pub describe: Option<Describe>,
    pub put: Option<Put>,
    pub head: Option<OfObject>,
    pub list: Option<List>,
    pub remove: Option<OfObject>,
    pub get: Option<Get>,
    pub read: Option<Read>,
    pub close_reader: Option<Close>,
    pub start_upload: Option<StartUpload>,
    pub part: Option<Part>,
    pub complete: Option<Complete>,
    pub abort: Option<Abort>,
    pub close_upload: Option<Close>,
    pub sweep: Option<Sweep>,
}

pub type Entry = unsafe extern "C" fn(*mut Plugin) -> i32;

/// The size of a struct, as its first field says it.
pub const fn size_of_struct<T>() -> u32 {
    size_of::<T>() as u32
}

/// A time that a store does not know. No clock says it: it is 292 years before 1970.
pub const UNKNOWN: i64 = i64::MIN;

/// A time as the boundary has it: nanoseconds since 1970, and what lies before is 1970.
pub fn nanoseconds(time: SystemTime) -> i64 {
    let since = time
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}
