//! The proxy spoils what it is told to, in the way it is told to, and nothing else.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod tls;
mod upstream;

use std::time::{Duration, Instant};

use testkit::proxy::{Fault, Match, Proxy};
use upstream::{Upstream, exchange, get};

fn both() -> (Upstream, Proxy) {
    let upstream = Upstream::start();
    let proxy = Proxy::start(&upstream.url).unwrap();
    (upstream, proxy)
}

#[test]
fn what_is_not_spoiled_passes_untouched() {
    let (_upstream, proxy) = both();
    let answer = get(proxy.url(), "/a%2Fb//c?x=%20+y&empty=&bare");
    let text = answer.text();
    assert!(
        text.starts_with("GET /a%2Fb//c?x=%20+y&empty=&bare\n"),
        "{text}"
    );
    assert!(text.contains("host=bucket.example:1\n"), "{text}");
    assert!(!text.contains("transfer-encoding"), "{text}");
    let put = "PUT /o HTTP/1.1\r\nHost: h:2\r\nX-Amz-Meta: a  b\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello";
    let text = exchange(proxy.url(), put, Duration::from_secs(60)).text();
    assert!(
        text.contains("x-amz-meta=a  b\n") && text.contains("content-length=5\n"),
        "{text}"
    );
    assert!(text.ends_with("body=5\n"), "{text}");
    let chunked = "PUT /o HTTP/1.1\r\nHost: h:2\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let text = exchange(proxy.url(), chunked, Duration::from_secs(60)).text();
    assert!(
        text.contains("transfer-encoding=chunked\n") && text.ends_with("body=3\n"),
        "{text}"
    );
    assert_eq!((proxy.requests("GET"), proxy.requests("PUT")), (1, 2));
    assert_eq!(proxy.faults(), 0);
}

/// The client of google-cloud-storage 1.21 sends `Host: 127.0.0.1` to a server on another port than
/// 80, and fake-gcs-server tells it to go on uploading at the address in Host.
#[test]
fn a_host_without_a_port_gets_the_one_of_the_proxy() {
    let (_upstream, proxy) = both();
    let request = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    let text = exchange(proxy.url(), request, Duration::from_secs(60)).text();
    let host = proxy.url().replace("http://", "host=");
    assert!(text.contains(&host), "{text}");
}

#[test]
fn the_path_of_the_upstream_stays_in_the_url() {
    let upstream = Upstream::start();
    let proxy = Proxy::start(&format!("{}/devstoreaccount1", upstream.url)).unwrap();
    assert!(proxy.url().ends_with("/devstoreaccount1"));
    assert!(Proxy::start("127.0.0.1:1").is_err());
    assert!(Proxy::start("https://127.0.0.1:1").is_err());
}

#[test]
fn a_head_keeps_its_length_and_has_no_body() {
    let (_upstream, proxy) = both();
    let head = "HEAD /size/77 HTTP/1.1\r\nHost: h:1\r\nConnection: close\r\n\r\n";
    let answer = exchange(proxy.url(), head, Duration::from_secs(60));
    assert!(
        answer.head.contains("content-length: 77"),
        "{}",
        answer.head
    );
    assert!(answer.body.is_empty());
}

#[test]
fn a_reply_is_given_for_the_server() {
    let (upstream, proxy) = both();
    proxy.inject(Fault::busy(503, 7), Match::any(), 1);
    let put = format!(
        "PUT /o HTTP/1.1\r\nHost: h:2\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n{}",
        "x".repeat(100_000)
    );
    let answer = exchange(proxy.url(), &put, Duration::from_secs(60));
    assert!(answer.head.starts_with("HTTP/1.1 503 "), "{}", answer.head);
    assert!(answer.head.contains("retry-after: 7"), "{}", answer.head);
    assert_eq!((upstream.served(), proxy.faults()), (0, 1));
    assert!(get(proxy.url(), "/").head.starts_with("HTTP/1.1 200 "));
}

#[test]
fn a_reset_comes_before_or_after_the_work_is_done() {
    let (upstream, proxy) = both();
    proxy.inject(Fault::ResetRequest, Match::any(), 1);
    let answer = get(proxy.url(), "/");
    assert!(answer.is_reset() && answer.head.is_empty());
    assert_eq!(upstream.served(), 0);
    proxy.inject(Fault::LoseReply, Match::any(), 1);
    let answer = get(proxy.url(), "/");
    assert!(answer.is_reset() && answer.head.is_empty());
    assert_eq!((upstream.served(), proxy.faults()), (1, 2));
}

#[test]
fn one_byte_of_a_body_arrives_other_than_it_was_sent() {
    let (_upstream, proxy) = both();
    let echo = |body: &str| {
        let head = "PUT /echo HTTP/1.1\r\nHost: h:2\r\nConnection: close";
        let put = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        exchange(proxy.url(), &put, Duration::from_secs(60)).body
    };
    let long = "a".repeat(300_000);
    proxy.inject(Fault::Damage(200_000), Match::any(), 2);
    let came = echo(&long);
    let other: Vec<_> = (0..came.len()).filter(|at| came[*at] != b'a').collect();
    assert_eq!((came.len(), other), (300_000, vec![200_000]));
    // A shorter one has no such byte, and the next is whole.
    assert_eq!(echo("short"), b"short");
    assert_eq!(echo(&long), long.as_bytes());
}

#[test]
fn a_body_ends_early_in_three_ways() {
    let (_upstream, proxy) = both();
    proxy.inject(Fault::Truncate(100_000), Match::any(), 1);
    let cut = get(proxy.url(), "/size/300000");
    assert!(cut.head.contains("content-length: 300000"), "{}", cut.head);
    assert_eq!(cut.body.len(), 100_000);
    assert!(cut.end.is_ok());

    proxy.inject(Fault::Shorten(1), Match::any(), 1);
    let short = get(proxy.url(), "/size/300000");
    assert!(
        short.head.contains("content-length: 299999"),
        "{}",
        short.head
    );
    assert_eq!(short.body.len(), 299_999);

    proxy.inject(Fault::Stall(100_000), Match::any(), 1);
    let request = "GET /size/300000 HTTP/1.1\r\nHost: h:1\r\n\r\n";
    let stalled = exchange(proxy.url(), request, Duration::from_millis(300));
    assert_eq!(stalled.body.len(), 100_000);
    let waiting = stalled.end.unwrap_err().kind();
    assert_eq!(waiting, std::io::ErrorKind::WouldBlock);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what is slow is seen on a clock")]
fn a_slow_link_and_a_far_one_take_their_time() {
    let (_upstream, proxy) = both();
    let begun = Instant::now();
    proxy.inject(Fault::Slow(1_000_000), Match::any(), 1);
    proxy.inject(Fault::Latency(Duration::from_millis(100)), Match::any(), 1);
    assert_eq!(get(proxy.url(), "/size/200000").body.len(), 200_000);
    // Never less; how much more is the machine's business.
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert_eq!(proxy.faults(), 2);
}

#[test]
fn only_those_suffer_that_match() {
    let (_upstream, proxy) = both();
    let second = Match::any()
        .method("GET")
        .target("/o?")
        .target("part=2")
        .after(1);
    proxy.inject(Fault::status(500), second, 1);
    let statuses: Vec<_> = [
        "/o?part=1",
        "/o?part=2",
        "/p?part=2",
        "/o?part=2",
        "/o?part=2",
    ]
    .into_iter()
    .map(|path| get(proxy.url(), path).head[9..12].to_owned())
    .collect();
    assert_eq!(statuses, ["200", "200", "200", "500", "200"]);
    proxy.inject(Fault::status(502), Match::any().other_than("GET"), 1);
    assert!(get(proxy.url(), "/").head.starts_with("HTTP/1.1 200 "));
    let delete = "DELETE / HTTP/1.1\r\nHost: h:1\r\nConnection: close\r\n\r\n";
    let deleted = exchange(proxy.url(), delete, Duration::from_secs(60));
    assert!(deleted.head.starts_with("HTTP/1.1 502 "));
    proxy.inject(Fault::status(401), Match::any(), u32::MAX);
    assert!(get(proxy.url(), "/").head.starts_with("HTTP/1.1 401 "));
    proxy.clear();
    assert!(get(proxy.url(), "/").head.starts_with("HTTP/1.1 200 "));
}

#[test]
fn a_dropped_proxy_is_gone() {
    let (_upstream, proxy) = both();
    let url = proxy.url().trim_start_matches("http://").to_owned();
    drop(proxy);
    // The port is closed by another thread.
    let gone = || std::net::TcpStream::connect(&url).is_err();
    assert!((0..1000).any(|_| {
        std::thread::yield_now();
        gone()
    }));
}
