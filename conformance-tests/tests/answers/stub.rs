//! A STUB of a server, for answers that no honest server gives. It proves how an answer is read, not
//! that a provider gives it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// What is answered.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// In chunks, without saying how long it is.
    pub(crate) in_chunks: bool,
}

impl Answer {
    pub(crate) fn of(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            body: body.into(),
            ..Self::default()
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn in_chunks(self) -> Self {
        Self {
            in_chunks: true,
            ..self
        }
    }
}

pub(crate) struct Stub {
    pub(crate) url: String,
}

impl Stub {
    /// Answers each request, of which `answer` is told the first line and the port, until the test ends.
    pub(crate) fn start(answer: impl Fn(&str, u16) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = answer.clone();
                thread::spawn(move || {
                    let Some(line) = read(&stream) else { return };
                    send(stream, &line, answer(&line, port));
                });
            }
        });
        Self {
            url: format!("http://127.0.0.1:{port}"),
        }
    }
}

/// The first line of the request; the rest of it is read and let go.
fn read(stream: &TcpStream) -> Option<String> {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).ok()?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    (!first.is_empty()).then(|| first.trim().to_owned())
}

fn send(mut stream: TcpStream, line: &str, answer: Answer) {
    let mut head = format!("HTTP/1.1 {} Stub\r\nconnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    let body = match answer.in_chunks {
        true => {
            head += "transfer-encoding: chunked\r\n";
            let chunks = answer.body.chunks(1000);
            let framed = chunks.flat_map(|chunk| {
                [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat()
            });
            framed.chain(*b"0\r\n\r\n").collect()
        }
        false => {
            head += &format!("content-length: {}\r\n", answer.body.len());
            answer.body
        }
    };
    let body = if line.starts_with("HEAD") {
        Vec::new()
    } else {
        body
    };
    // Who has left does not want to know.
    let _ = stream.write_all(&[head.as_bytes(), b"\r\n", &body].concat());
}
