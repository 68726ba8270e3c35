//! One request over a connection of its own, as bare as can be: what is compared is what comes over the wire.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Longer than any answer takes.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// What is asked.
#[derive(Clone, Copy, Default)]
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) body: &'a str,
    /// Who asks, where users are checked.
    pub(crate) token: Option<&'a str>,
}

/// `None` where the connection breaks, or says nothing for so long.
pub(crate) fn ask(mut stream: TcpStream, limit: Duration, request: Request<'_>) -> Option<Answer> {
    let Request {
        method,
        path,
        body,
        token,
    } = request;
    let token = token.map_or_else(String::new, |token| format!("Authorization: {token}\r\n"));
    stream.set_read_timeout(Some(limit)).unwrap();
    let (host, length) = (stream.peer_addr().ok()?, body.len());
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{token}Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let body = match head
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked")
    {
        true => unchunked(body),
        false => body.to_owned(),
    };
    Some(Answer {
        status,
        head: head.to_owned(),
        body,
    })
}

/// As RFC 9112, section 7.1, has it. What follows on the chunk of no bytes are trailers: those that etcd's gateway sends
/// once in a while were taken for the size of another chunk.
fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        if size == 0 {
            break;
        }
        whole.push_str(&rest[..size]);
        body = rest[size..].trim_start_matches("\r\n");
    }
    whole
}

#[test]
fn trailers_are_no_chunk() {
    let body = "3\r\nabc\r\n2\r\nde\r\n0\r\nGrpc-Trailer-Content-Type: application/grpc\r\n\r\n";
    assert_eq!(unchunked(body), "abcde");
}
