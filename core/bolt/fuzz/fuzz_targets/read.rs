#![no_main]

#[path = "../bodies/mod.rs"]
mod bodies;
#[path = "../../tests/content/mod.rs"]
mod content;
#[path = "../../tests/model/mod.rs"]
mod model;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::read_any(bytes));
