//! `ui`: the status page of a store, as a person sees it, and as somebody meets it who must not.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

#[path = "server/http.rs"]
#[allow(dead_code, reason = "of the sidecar's tests")]
mod http;
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use http::{Answer, Request, ask};
use rustix::process::Signal;
use support::real_chain::RealChain;
use support::{Run, Site, signal};
use testkit::browser::Browser;
use testkit::etcd::{Etcd, Member};
use testkit::{oracles, wait};

const LIMIT: Duration = Duration::from_secs(60);

/// One that runs, and what it has printed.
struct Ui {
    child: Child,
    url: String,
    address: SocketAddr,
}

impl Ui {
    fn of(site: &Site, flags: &[&str]) -> Self {
        Self::at("127.0.0.1:0", site, flags)
    }

    fn at(listen: &str, site: &Site, flags: &[&str]) -> Self {
        let mut command = site.command("ui", flags);
        command.args(["--listen", listen]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut url = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut url).unwrap();
        let url = url.trim().to_owned();
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        let address = address.parse().unwrap();
        Self {
            child,
            url,
            address,
        }
    }

    fn get(&self, path: &str) -> Answer {
        let stream = TcpStream::connect(self.address).unwrap();
        let request = Request {
            method: "GET",
            path,
            ..Request::default()
        };
        ask(stream, LIMIT, request).unwrap()
    }

    /// The page, once it says all of this.
    fn until(&self, words: &[&str]) -> String {
        wait::until(&format!("{words:?}"), LIMIT, || {
            let page = self.get("/").body;
            Ok(words.iter().all(|word| page.contains(word)).then_some(page))
        })
        .unwrap()
    }
}

impl Drop for Ui {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs what was copied, in a shell, where there is nothing else.
fn run(command: &str, room: &Path) -> Run {
    let ours = support::program().parent().unwrap();
    let mut shell = Command::new("sh");
    shell.env_clear().current_dir(room).args(["-euc", command]);
    shell.env("PATH", format!("{}:/usr/bin:/bin", ours.display()));
    Run::of(shell)
}

/// A person clicks beside the newest state, and pastes.
#[test]
fn a_command_copied_from_the_page_restores() {
    let chain = RealChain::of("3.6.16");
    let ui = Ui::of(&chain.site, &[]);
    let browser = Browser::bring().unwrap();
    let screenshot = std::env::var_os("SCREENSHOTS").map(|dir| Path::new(&dir).join("ui.png"));
    let (copied, findings) = browser
        .copied(&ui.url, "copy-0", screenshot.as_deref())
        .unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    assert!(copied.starts_with("etcdbrctl restore "), "{copied}");
    let room = tempfile::tempdir().unwrap();
    let done = run(&copied, room.path());
    assert_eq!(done.code, Some(0), "{copied}\n{}", done.stderr);
    let data_dir = room.path().join(format!("restored-{}.etcd", chain.ends[2]));
    // Its peer URL is one that others may have.
    let alone = ["--force-new-cluster".to_owned()];
    let binary = oracles::etcd("3.6.16").unwrap();
    let restored = Etcd::starting(&binary, &Member::alone().unwrap(), &data_dir, &alone).unwrap();
    let state = wait::until("it serves", LIMIT, || Ok(restored.state().ok())).unwrap();
    assert_eq!(state.difference(&chain.etcd.state().unwrap()), None);
}

/// It shows which revisions there are and where, and asks nobody who they are.
#[test]
fn only_this_machine_is_answered() {
    let (site, _) = Site::with_history();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8379"] {
        let run = site.run("ui", &["--listen", address]);
        run.failed_with(&["reached from other machines", "--listen"]);
    }
    let ui = Ui::of(&site, &[]);
    assert_eq!(ui.get("/").status, 200);
    assert_eq!(ui.get("/status").status, 404);
    let policy = "content-security-policy: default-src 'none'; style-src 'sha256-";
    let head = ui.get("/?window=1h").head.to_lowercase();
    assert!(head.contains(policy) && head.contains("nosniff"), "{head}");
    let taken = ui.address.to_string();
    let run = site.run("ui", &["--listen", &taken]);
    run.failed_with(&[&taken, "choose another place with --listen"]);
}

/// What a rehearsal came to stood in a file that nobody looked at.
#[test]
fn the_last_drill_is_told() {
    let (site, _) = Site::with_history();
    let report = site.path().join("drill.json");
    let named = ["--drill-report", report.to_str().unwrap()];
    let ui = Ui::of(
        &site,
        &[&["--refresh-period", "100ms"], &named[..]].concat(),
    );
    ui.until(&["Last drill", "rehearses a restore"]);
    let drilled = site.run("drill", &["--report", named[1]]);
    assert_eq!(drilled.code, Some(0), "{}", drilled.stderr);
    ui.until(&["Last drill", "passed, ", "restored in "]);
    let failed = "{\"verdict\": \"failed\", \"at\": \"2026-11-22T14:03:31Z\", \"rto_ms\": null, \"why\": \"no space left\"}";
    std::fs::write(&report, failed).unwrap();
    ui.until(&["<title>Problem", "did not pass: no space left"]);
}

/// A page of another site has a name of its own lead to this machine, and a browser that shows both lets it read the answer.
#[test]
fn a_page_of_another_site_is_not_answered() {
    let (site, _) = Site::with_history();
    let ui = Ui::at("localhost:0", &site, &[]);
    assert!(ui.address.ip().is_loopback());
    let port = ui.address.port();
    let asked = |host: &str| {
        let mut stream = TcpStream::connect(ui.address).unwrap();
        write!(
            stream,
            "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    for host in ["evil.example".to_owned(), format!("evil.example:{port}")] {
        let answer = asked(&host);
        assert!(answer.starts_with("HTTP/1.1 403 "), "{host}: {answer}");
        assert!(answer.contains("names of this machine alone"), "{answer}");
        assert!(!answer.contains("revision"), "{answer}");
    }
    for host in [format!("localhost:{port}"), ui.address.to_string()] {
        assert!(asked(&host).starts_with("HTTP/1.1 200 "), "{host}");
    }
}

#[test]
fn what_is_wrong_from_the_first_is_told_at_once() {
    let site = Site::new();
    std::fs::remove_dir_all(site.store()).unwrap();
    site.run("ui", &[]).failed_with(&["is not there"]);
    let run = site.run("ui", &["./backups"]);
    run.failed_with(&["a directory and --store-container are given"]);
}

/// Each listing costs money, and each look was one.
#[test]
fn the_store_is_listed_no_more_often_than_it_is_said() {
    let (site, history) = Site::with_history();
    let seldom = Ui::of(&site, &["--refresh-period", "1h"]);
    let often = Ui::of(&site, &["--refresh-period", "100ms"]);
    assert!(often.get("/").body.contains("revision 60"));
    site.put_full(&history, 50);
    site.put_full(&history, 60);
    often.until(&["5 snapshots"]);
    // The first look lists it once.
    seldom.until(&["5 snapshots"]);
    site.remove(&testkit::synthetic::full_name(
        50,
        testkit::backup::Compression::Gzip,
    ));
    often.until(&["4 snapshots"]);
    for _ in 0..20 {
        assert!(seldom.get("/").body.contains("5 snapshots"));
    }
}

/// A store that was there a moment ago looked as well as one that is.
#[test]
fn a_store_that_goes_away_is_not_called_whole() {
    let (site, _) = Site::with_history();
    let ui = Ui::of(&site, &["--refresh-period", "100ms"]);
    ui.until(&["can be restored.", "revision 60"]);
    let aside = site.path().join("aside");
    std::fs::rename(site.store(), &aside).unwrap();
    let page = ui.until(&["does not answer now", "could be restored", "revision 60"]);
    assert!(page.contains("<title>Problem"), "{page}");
    std::fs::rename(&aside, site.store()).unwrap();
    ui.until(&["can be restored.", "revision 60"]);
}

#[test]
fn a_signal_ends_it() {
    let (site, _) = Site::with_history();
    for sent in [Signal::INT, Signal::TERM] {
        let mut ui = Ui::of(&site, &[]);
        assert_eq!(ui.get("/").status, 200);
        // Somebody holds a connection and asks for nothing.
        let _idle = TcpStream::connect(ui.address).unwrap();
        signal(&ui.child, sent);
        assert_eq!(ui.child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn its_address_can_be_had_as_json() {
    let (site, _) = Site::with_history();
    let mut command = site.command("ui", &["--listen", "127.0.0.1:0", "-o", "json"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut told = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    while !told.contains('}') {
        assert!(out.read_line(&mut told).unwrap() > 0, "{told}");
    }
    signal(&child, Signal::TERM);
    assert!(child.wait().unwrap().success());
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert!(
        told["url"]
            .as_str()
            .unwrap()
            .starts_with("http://127.0.0.1:")
    );
}
