//! The status page over a store that is encrypted.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::Duration;

use testkit::wait;

use crate::chain::Chain;
use crate::support::Site;

const LIMIT: Duration = Duration::from_secs(60);

/// `ui` of a store.
struct Page {
    child: Child,
    address: String,
}

impl Page {
    fn of(site: &Site) -> Self {
        let flags = ["--listen", "127.0.0.1:0", "--refresh-period", "100ms"];
        let mut command = site.command("ui", &flags);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut url = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut url).unwrap();
        let address = url.trim().trim_start_matches("http://");
        Self {
            child,
            address: address.trim_end_matches('/').to_owned(),
        }
    }

    /// Once it says all of this.
    fn until(&self, words: &[&str]) -> String {
        wait::until(&format!("{words:?}"), LIMIT, || {
            let mut stream = TcpStream::connect(&self.address)?;
            let host = &self.address;
            write!(
                stream,
                "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
            )?;
            let mut page = String::new();
            stream.read_to_string(&mut page)?;
            Ok(words.iter().all(|word| page.contains(word)).then_some(page))
        })
        .unwrap()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody deleted what stood below keys/. The page was green over a chain that nobody could read any more, and only `keys check` knew.
#[test]
fn a_chain_whose_key_is_gone_is_a_problem() {
    let chain = Chain::taken();
    let page = Page::of(&chain.site);
    page.until(&["<title>OK", "can be restored.", "encrypted"]);
    for key in chain.key_files() {
        let content = fs::read(&key).unwrap();
        fs::remove_file(&key).unwrap();
        let name = key.file_name().unwrap().to_str().unwrap();
        let said = format!("keys/{name} is not in the store");
        page.until(&["<title>Problem", &said, "etcdbrctl keys check"]);
        let identity = chain.operator.flags();
        chain.site.run("verify", &identity).failed_with(&[name]);
        fs::write(&key, content).unwrap();
        page.until(&["<title>OK"]);
    }
}
