//! The proxy by itself, until its standard input ends: `proxy UPSTREAM [MILLISECONDS [BYTES]]` delays every
//! request by so much, and lets so many bytes of a body pass a second. It prints its URL, and at the end how many requests came.
#![allow(clippy::print_stdout, reason = "it tells where it is")]

use std::error::Error;
use std::io::Read;
use std::time::Duration;

use testkit::proxy::{Fault, Match, Proxy};

/// What is counted; no store uses others.
const METHODS: [&str; 5] = ["GET", "HEAD", "PUT", "POST", "DELETE"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let upstream = arguments
        .next()
        .ok_or("proxy UPSTREAM [MILLISECONDS [BYTES]]")?;
    let proxy = Proxy::start(&upstream)?;
    if let Some(latency) = arguments.next() {
        let latency = Duration::from_millis(latency.parse()?);
        proxy.inject(Fault::Latency(latency), Match::any(), u32::MAX);
    }
    if let Some(rate) = arguments.next() {
        proxy.inject(Fault::Slow(rate.parse()?), Match::any(), u32::MAX);
    }
    println!("{}", proxy.url());
    std::io::stdin().read_to_end(&mut Vec::new())?;
    for method in METHODS {
        println!("{method} {}", proxy.requests(method));
    }
    Ok(())
}
