//! A STUB of S3 on loopback that lists nothing, keeps nothing, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request: its first line, and its headers in small letters.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) headers: Vec<String>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter_map(|header| {
            let (found, value) = header.split_once(':')?;
            (found == name).then(|| value.trim())
        });
        values.next()
    }
}

pub(crate) struct Stub {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// What is answered: status and body.
pub(crate) type Answer = (u16, String);

impl Stub {
    /// `answer` is tried first, and may leave it to the S3.
    pub(crate) fn start(answer: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (asked.clone(), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, answer) = (log.clone(), answer.clone());
                thread::spawn(move || {
                    let Some(asked) = read(&stream) else { return };
                    log.lock().unwrap().push(asked.clone());
                    send(stream, answer(&asked).unwrap_or_else(|| s3(&asked)));
                });
            }
        });
        Self { port, asked }
    }

    pub(crate) fn s3() -> Self {
        Self::start(|_| None)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn s3(asked: &Asked) -> Answer {
    let body = match asked.line.as_str() {
        line if line.starts_with("PUT") => {
            return (501, "<Error><Code>NotImplemented</Code></Error>".into());
        }
        line if line.contains("versioning") => "<VersioningConfiguration/>",
        line if line.contains("object-lock") => return (404, "<Error/>".into()),
        line if line.contains("list-type=2") => {
            "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
        }
        line if line.contains("uploads") => {
            "<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>"
        }
        _ => "",
    };
    (200, body.to_owned())
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        match line.trim() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    if lines.is_empty() {
        return None;
    }
    let line = lines.remove(0);
    let headers = lines.iter().map(|line| line.to_ascii_lowercase()).collect();
    let asked = Asked { line, headers };
    let length = asked
        .header("content-length")
        .and_then(|value| value.parse().ok());
    let mut body = vec![0; length.unwrap_or_default()];
    reader.read_exact(&mut body).ok()?;
    Some(asked)
}

fn send(mut stream: TcpStream, (status, body): Answer) {
    let head = format!(
        "HTTP/1.1 {status} Stub\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    // Who has left does not want to know.
    let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat());
}
