//! The emulator of OSS by itself, until it is stopped: `cargo run -p conformance-tests --features
//! servers --example oss -- 127.0.0.1:9100 BUCKET ...`. It lets in the access key `etcdbr-test` with the
//! secret `etcdbr-test-secret`.
#![allow(clippy::print_stdout, reason = "it tells where it is")]

use std::error::Error;

use testkit::oss::{Emulator, Settings};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next();
    let settings = Settings {
        address: address.as_deref().unwrap_or("127.0.0.1:9100").parse()?,
        ..Settings::default()
    };
    let emulator = Emulator::start_with(settings)?;
    for bucket in arguments {
        emulator.create_bucket(&bucket);
    }
    println!("export CONFORMANCE_OSS={}", emulator.url());
    loop {
        std::thread::park();
    }
}
