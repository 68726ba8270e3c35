#![no_main]

#[allow(dead_code, reason = "each target runs one body")]
#[path = "../bodies.rs"]
mod bodies;
#[path = "../sidecar.rs"]
mod sidecar;

use std::net::SocketAddr;
use std::sync::LazyLock;

use tokio::runtime::Runtime;

/// One for all requests: what one of them leaves behind, the next one meets.
static SIDECAR: LazyLock<(Runtime, SocketAddr)> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let path = std::env::temp_dir().join("server-fuzz.etcd.conf.yaml");
    std::fs::write(&path, "name: etcd-main-1\n").expect("a configuration");
    let address = runtime.block_on(sidecar::started(&path));
    (runtime, address)
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let (runtime, address) = &*SIDECAR;
    runtime.block_on(bodies::http(*address, bytes));
});
