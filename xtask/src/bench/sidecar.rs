//! An `etcdbrctl server` that is measured.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use testkit::port;

/// A sidecar that runs. Killed when dropped.
pub(super) struct Sidecar {
    child: Child,
    port: u16,
}

impl Sidecar {
    /// Starts what `command` says, on a port of its own.
    pub(super) fn start(mut command: Command) -> Result<Self> {
        let port = port::free()?;
        command
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command.spawn().context("start etcdbrctl")?;
        Ok(Self { child, port })
    }

    /// The body of an answer; `None` where there is none yet.
    pub(super) fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (_, body) = answer.split_once("\r\n\r\n")?;
        Some(body.to_owned())
    }

    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
