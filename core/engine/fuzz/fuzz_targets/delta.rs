#![no_main]

#[allow(dead_code, reason = "each target runs one body")]
#[path = "../bodies.rs"]
mod bodies;

// The first three bytes are the revisions of the name.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let [high, low, more, content @ ..] = bytes {
        let first = i64::from(u16::from_be_bytes([*high, *low]));
        bodies::delta(&bodies::named(first, first + i64::from(*more)), content);
    }
});
