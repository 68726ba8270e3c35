#![no_main]

#[path = "../bodies.rs"]
mod bodies;
#[allow(dead_code, reason = "the program reads files")]
#[path = "../../src/args/config_file.rs"]
mod config_file;
#[path = "../../src/args/config_keys.rs"]
mod config_keys;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    bodies::config_file(bytes, |text| {
        config_file::parse(text).map(|found| found.words)
    });
});
