//! A STUB of a server, for what no emulator does: it gives the answers that the test has chosen
//! and writes down what it was asked. It proves how we read an answer, not that Google gives it.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request, as far as tests look at it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Method and target: `GET /storage/v1/b/bk?fields=versioning`.
    pub(crate) line: String,
    pub(crate) body: String,
}

/// Status and JSON.
pub(crate) type Answer = (u16, String);

pub(crate) struct Stub {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Stub {
    /// Serves `answer` until the test ends.
    pub(crate) async fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (asked, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer));
        let notes = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (notes, answer) = (notes.clone(), answer.clone());
                tokio::spawn(async move {
                    let request = read(stream).await;
                    let (asked, mut stream) = request;
                    let (status, body) = answer(&asked);
                    notes.lock().unwrap().push(asked);
                    let head = format!(
                        "HTTP/1.1 {status} Stub\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                        body.len()
                    );
                    let _ = stream.write_all((head + &body).as_bytes()).await;
                });
            }
        });
        Self { url, asked }
    }

    /// What it was asked whose line begins with `line`.
    pub(crate) fn asked(&self, line: &str) -> Vec<Asked> {
        let asked = self.asked.lock().unwrap();
        let matching = asked.iter().filter(|asked| asked.line.starts_with(line));
        matching.cloned().collect()
    }
}

async fn read(stream: TcpStream) -> (Asked, TcpStream) {
    let mut reader = BufReader::new(stream);
    let (mut line, mut header, mut length, mut chunked) = (String::new(), String::new(), 0, false);
    reader.read_line(&mut line).await.unwrap();
    while header != "\r\n" {
        header.clear();
        reader.read_line(&mut header).await.unwrap();
        let lower = header.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        chunked |= lower.starts_with("transfer-encoding: chunked");
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.unwrap();
    // Google's client sends bodies of objects in chunks. What is in them is not looked at.
    while chunked {
        let mut size = String::new();
        reader.read_line(&mut size).await.unwrap();
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        chunked = size > 0;
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk).await.unwrap();
    }
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let body = String::from_utf8_lossy(&body).into_owned();
    (Asked { line, body }, reader.into_inner())
}
