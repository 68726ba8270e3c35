//! The emulator of OSS by itself, until it is stopped: `cargo run -p conformance-tests --features
//! servers --example oss -- 127.0.0.1:9100`. It lets in the access key `etcdbr-test` with the secret
//! `etcdbr-test-secret`.
#![allow(clippy::print_stdout, reason = "it tells where it is")]

use std::error::Error;

use conformance_tests::oss::{Emulator, Settings};

fn main() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1);
    let settings = Settings {
        address: address.as_deref().unwrap_or("127.0.0.1:9100").parse()?,
        ..Settings::default()
    };
    let emulator = Emulator::start_with(settings)?;
    println!("export CONFORMANCE_OSS={}", emulator.url());
    loop {
        std::thread::park();
    }
}
