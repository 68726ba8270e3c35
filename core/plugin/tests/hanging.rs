//! Plugins that do not come back. One that hung in `close` held up the runtime, and one that hung while
//! it was loaded the whole program: SIGTERM went unheard.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod built;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use snapstore::layers::Deadlines;
use snapstore::{Bytes, ErrorKind, Key, PutOptions, Snapstore, StoreConfig};
use snapstore_plugin::{Options, load};

const fn options(call: Duration) -> Options {
    Options {
        parallel: 2,
        deadlines: Deadlines {
            call,
            body: call,
            silence: call,
        },
    }
}

/// The example in C whose functions are replaced by those of `code`, in `assign`.
fn pile(dir: &Path, name: &str, code: &str, assign: &str) -> PathBuf {
    let code = format!(
        "{code}
int32_t snapstore_plugin_v1(snap_plugin *out) {{
  int32_t code = pile(out);
  {assign}
  return code;
}}"
    );
    built::pile_with(dir, name, &code)
}

async fn open(path: &Path) -> Arc<dyn Snapstore> {
    let patient = options(Duration::from_mins(2));
    load(path, &StoreConfig::default(), patient).await.unwrap()
}

/// Gives up a store on a thread of its own, as the end of a command does. Fails if that takes minutes.
fn given_up(store: Arc<dyn Snapstore>) {
    let (done, end) = channel();
    std::thread::spawn(move || {
        drop(store);
        done.send(()).unwrap();
    });
    let ended = end.recv_timeout(Duration::from_mins(2));
    ended.expect("a plugin that hangs in close holds up who gives its store up");
}

#[tokio::test]
async fn a_store_that_hangs_when_it_is_closed_is_left_behind() {
    let dir = tempfile::tempdir().unwrap();
    let code = "static void hangs(void *it) { for (;;) pause(); }";
    let path = pile(dir.path(), "close", code, "out->close = hangs;");
    given_up(open(&path).await);
}

/// A body that is given up must not wait for the plugin either: it is dropped by the runtime's threads,
/// of which a small machine has one.
#[tokio::test]
async fn a_body_that_hangs_when_it_is_closed_holds_up_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let code = "static void hangs(void *it) { for (;;) pause(); }";
    let path = pile(dir.path(), "reader", code, "out->close_reader = hangs;");
    let store = open(&path).await;
    let key = Key::new("key").unwrap();
    let put = store.put(&key, Bytes::from_static(b"x"), PutOptions::default());
    put.await.unwrap();
    for _ in 0..3 {
        drop(store.get(&key.clone().into(), None).await.unwrap());
    }
    given_up(store);
}

/// A store was closed while one of its readers was still in use, if the read took longer than its
/// deadline: the call held the reader, and nothing held the store.
#[tokio::test]
async fn a_store_is_closed_after_what_came_from_it() {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let code = format!(
        r#"static void note(const char *what) {{
  FILE *log = fopen("{}", "a");
  if (log) {{ fputs(what, log); fclose(log); }}
}}
static int32_t slow(const snap_call *c, void *r, uint8_t *b, size_t l, size_t *n) {{
  sleep(2); note("read "); *n = 0; return SNAP_OK;
}}
static void reader(void *it) {{ sleep(1); note("reader "); }}
static void store(void *it) {{ note("store "); }}"#,
        log.display()
    );
    let assign = "out->read = slow; out->close_reader = reader; out->close = store;";
    let path = pile(dir.path(), "order", &code, assign);
    let quick = options(Duration::from_millis(500));
    let store = load(&path, &StoreConfig::default(), quick).await.unwrap();
    let key = Key::new("key").unwrap();
    let put = store.put(&key, Bytes::from_static(b"x"), PutOptions::default());
    put.await.unwrap();
    let mut body = store.get(&key.into(), None).await.unwrap().body;
    let late = futures::StreamExt::next(&mut body).await.unwrap();
    assert!(late.unwrap_err().to_string().contains("did not answer"));
    drop(body);
    drop(store);
    let whole = || fs::read_to_string(&log).unwrap_or_default();
    while !whole().contains("store") {
        tokio::task::yield_now().await;
    }
    assert_eq!(whole(), "read reader store ");
}

#[tokio::test]
async fn a_plugin_that_hangs_while_it_is_loaded_is_given_up() {
    let dir = tempfile::tempdir().unwrap();
    let path = pile(dir.path(), "entry", "", "sleep(3);");
    let quick = options(Duration::from_secs(1));
    let loaded = load(&path, &StoreConfig::default(), quick).await;
    let error = loaded.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unexpected);
    assert!(!error.is_retryable(), "each attempt costs a thread");
    let said = error.to_string();
    assert!(said.contains("libentry.so"), "{said}");
    assert!(said.contains("not loaded within 1s"), "{said}");
}

/// Names the plugin to the process that it ends.
const PLUGIN: &str = "ETCDBR_HANGING_PLUGIN";

/// No thread goes on beside a constructor: it holds a lock of the system's loader. The test runs itself
/// again, for the process that loads such a plugin ends.
#[tokio::test]
async fn a_constructor_that_hangs_ends_the_process_with_an_error() {
    if let Some(path) = std::env::var_os(PLUGIN) {
        let quick = options(Duration::from_secs(1));
        let loaded = load(path.as_ref(), &StoreConfig::default(), quick).await;
        panic!("it came back: {loaded:?}");
    }
    let dir = tempfile::tempdir().unwrap();
    let code = "__attribute__((constructor)) static void begin(void) { for (;;) pause(); }";
    let path = pile(dir.path(), "constructor", code, "");
    let name = "a_constructor_that_hangs_ends_the_process_with_an_error";
    let mut child = Command::new(std::env::current_exe().unwrap());
    let child = child
        .args([name, "--exact", "--nocapture"])
        .env(PLUGIN, path);
    let output = child.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("libconstructor.so"), "{stderr}");
    assert!(stderr.contains("not loaded within 1s"), "{stderr}");
}

/// A plugin that says it read more than there was room for had its bytes taken for the object's.
#[tokio::test]
async fn more_bytes_than_there_was_room_for_are_no_answer() {
    let dir = tempfile::tempdir().unwrap();
    let code = "static int32_t more(const snap_call *c, void *r, uint8_t *b, size_t l, size_t *n) {
  *n = l + 1; return SNAP_OK;
}";
    let path = pile(dir.path(), "more", code, "out->read = more;");
    let store = open(&path).await;
    let key = Key::new("key").unwrap();
    let put = store.put(&key, Bytes::from_static(b"x"), PutOptions::default());
    put.await.unwrap();
    let mut body = store.get(&key.into(), None).await.unwrap().body;
    let piece = futures::StreamExt::next(&mut body).await.unwrap();
    let said = piece.unwrap_err().to_string();
    assert!(said.contains("read 2 bytes where 1 had room"), "{said}");
}
