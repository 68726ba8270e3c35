//! A STUB of a server, for what no emulator does: it gives the answers that the test has chosen
//! and writes down what it was asked. It proves how we read an answer, not that Azure gives it.

use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A request, as far as tests look at it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Method and target: `GET /bk?restype=container&comp=list`.
    pub(crate) line: String,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let header = self.headers.iter().find(|(known, _)| known == name);
        header.map(|(_, value)| value.as_str())
    }
}

/// Status, headers and body.
pub(crate) type Answer = (u16, Vec<(&'static str, String)>, String);

pub(crate) struct Stub {
    pub(crate) url: String,
    /// For credentials.
    pub(crate) files: TempDir,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Stub {
    /// Serves `answer` until the test ends, on a container that retains nothing.
    pub(crate) async fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self::of_all(move |asked| {
            let of_container = asked.line.contains("restype=container");
            match of_container && !asked.line.contains("comp=") {
                true => (200, Vec::new(), String::new()),
                false => answer(asked),
            }
        })
        .await
    }

    /// Serves `answer` for everything.
    pub(crate) async fn of_all(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/account", listener.local_addr().unwrap());
        let (asked, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer));
        let notes = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (notes, answer) = (notes.clone(), answer.clone());
                tokio::spawn(async move {
                    let (asked, mut stream) = read(stream).await;
                    let (status, headers, body) = answer(&asked);
                    notes.lock().unwrap().push(asked);
                    let mut head = format!("HTTP/1.1 {status} Stub\r\nconnection: close\r\n");
                    if !headers.iter().any(|(name, _)| *name == "content-length") {
                        head += &format!("content-length: {}\r\n", body.len());
                    }
                    for (name, value) in headers {
                        head += &format!("{name}: {value}\r\n");
                    }
                    let _ = stream.write_all((head + "\r\n" + &body).as_bytes()).await;
                });
            }
        });
        let files = tempfile::tempdir().unwrap();
        Self { url, files, asked }
    }

    /// What it was asked whose line holds all of `words`.
    pub(crate) fn asked(&self, words: &[&str]) -> Vec<Asked> {
        let asked = self.asked.lock().unwrap();
        let matching = asked
            .iter()
            .filter(|asked| words.iter().all(|word| asked.line.contains(word)));
        matching.cloned().collect()
    }
}

async fn read(stream: TcpStream) -> (Asked, TcpStream) {
    let mut reader = BufReader::new(stream);
    let (mut line, mut headers, mut length) = (String::new(), Vec::new(), 0);
    reader.read_line(&mut line).await.unwrap();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).await.unwrap();
        let Some((name, value)) = header.trim_end().split_once(':') else {
            break;
        };
        let (name, value) = (name.to_ascii_lowercase(), value.trim().to_owned());
        if name == "content-length" {
            length = value.parse().unwrap();
        }
        headers.push((name, value));
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.unwrap();
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    (Asked { line, headers }, reader.into_inner())
}
