//! What may go wrong at the boundary, and that the program lives through it.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod built;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use snapstore::layers::Deadlines;
use snapstore::{
    Bytes, Error, ErrorKind, Key, PutMode, PutOptions, Snapstore, SnapstoreExt, StoreConfig,
    UploadOptions,
};
use snapstore_plugin::{Options, find, load};

/// The shared library of a Rust example. Cargo builds the examples of a package before it runs
/// the package's tests.
fn example(name: &str) -> std::path::PathBuf {
    let deps = std::env::current_exe().unwrap();
    let dir = deps.parent().unwrap().parent().unwrap().join("examples");
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let path = dir.join(format!("{prefix}{name}{suffix}"));
    assert!(
        path.exists(),
        "{} is not built: cargo build -p snapstore-plugin --examples",
        path.display()
    );
    path
}

/// Only what waits for a deadline has a short one: with RUST_BACKTRACE set, printing where a plugin
/// panicked takes seconds on a busy machine, and the panic used to be reported as a hang.
const PATIENT: Options = Options {
    parallel: 2,
    deadlines: every(Duration::from_secs(120)),
};

const fn every(deadline: Duration) -> Deadlines {
    Deadlines {
        call: deadline,
        body: deadline,
        silence: deadline,
    }
}

async fn open(path: &Path) -> Result<Arc<dyn Snapstore>, Error> {
    load(path, &StoreConfig::default(), PATIENT).await
}

async fn put(store: &dyn Snapstore, name: &str) -> Result<(), Error> {
    let key = Key::new(name).unwrap();
    store
        .put(&key, Bytes::from_static(b"x"), PutOptions::default())
        .await
        .map(drop)
}

/// Loading `path` must fail as a matter of configuration, with these words.
async fn refused(path: &Path, words: &str) {
    let error = open(path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert!(error.to_string().contains(words), "{error}");
    assert!(
        error
            .to_string()
            .contains(path.file_name().unwrap().to_str().unwrap()),
        "{error}"
    );
}

fn c_plugin(dir: &Path, name: &str, source: &str) -> std::path::PathBuf {
    let file = dir.join(format!("{name}.c"));
    fs::write(&file, source).unwrap();
    built::compile(&file, dir)
}

#[tokio::test]
async fn what_is_no_plugin_is_refused_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("text.so");
    fs::write(&text, "not a library").unwrap();
    refused(&text, "cannot be loaded").await;
    refused(&dir.path().join("missing.so"), "No such file").await;
    refused(dir.path(), "it is no file").await;
    let other = c_plugin(
        dir.path(),
        "other",
        "int snapstore_plugin_v2(void *out) { return out != 0; }",
    );
    refused(&other, "another version").await;
    let failing = "#include \"snapstore.h\"\nint32_t snapstore_plugin_v1(snap_plugin *out) { (void)out; return 7; }";
    refused(&c_plugin(dir.path(), "failing", failing), "answered 7").await;
    let empty = "#include \"snapstore.h\"\nint32_t snapstore_plugin_v1(snap_plugin *out) { out->struct_size = 8; return 0; }";
    refused(
        &c_plugin(dir.path(), "empty", empty),
        "lacks the function open",
    )
    .await;
}

#[tokio::test]
async fn a_file_that_others_may_write_is_not_run() {
    let dir = tempfile::tempdir().unwrap();
    let copy = dir.path().join("shelf.so");
    fs::copy(example("shelf"), &copy).unwrap();
    for mode in [0o777, 0o770, 0o602] {
        fs::set_permissions(&copy, fs::Permissions::from_mode(mode)).unwrap();
        refused(&copy, "chmod go-w").await;
    }
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o600)).unwrap();
    open(&copy).await.unwrap();
}

#[test]
fn a_directory_names_plugins_by_their_provider() {
    let dir = tempfile::tempdir().unwrap();
    let file = format!(
        "{}shelf{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    fs::write(dir.path().join(&file), "").unwrap();
    let found = find(dir.path(), "Shelf").unwrap();
    assert_eq!(found, Some(dir.path().join(file)));
    assert_eq!(find(dir.path(), "other").unwrap(), None);
    for bad in ["../shelf", "", "a/b", "shelf.so"] {
        let error = find(dir.path(), bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{bad:?}");
    }
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let error = find(dir.path(), "shelf").unwrap_err();
    assert!(error.to_string().contains("chmod go-w"), "{error}");
}

#[tokio::test]
async fn a_panic_is_an_error_and_the_plugin_goes_on() {
    let store = open(&example("rude")).await.unwrap();
    for _ in 0..3 {
        let error = put(&*store, "panic").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unexpected);
        assert_eq!(
            error.to_string(),
            "put panic: failed: the plugin panicked: asked to"
        );
    }
    put(&*store, "polite").await.unwrap();
    let config = StoreConfig {
        container: "panic-at-open".into(),
        ..StoreConfig::default()
    };
    let error = load(&example("rude"), &config, PATIENT).await.unwrap_err();
    assert!(error.to_string().contains("it opened badly"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_hangs_is_given_up_and_others_go_on() {
    let quick = Options {
        deadlines: every(Duration::from_secs(1)),
        ..PATIENT
    };
    let config = StoreConfig::default();
    let store = load(&example("rude"), &config, quick).await.unwrap();
    let error = put(&*store, "hang").await.unwrap_err();
    assert!(error.is_retryable());
    assert!(
        error.to_string().contains("did not answer within 1s"),
        "{error}"
    );
    // The hanging call holds one of two places.
    put(&*store, "polite").await.unwrap();
}

/// A store that does not know when an object was written had to make a time up.
#[tokio::test]
async fn a_time_that_is_not_known_crosses_the_boundary() {
    let dir = tempfile::tempdir().unwrap();
    let pile = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/pile.c");
    let pile = fs::read_to_string(pile).unwrap();
    let timeless = pile.replace(".modified = object->written", ".modified = INT64_MIN");
    assert_ne!(pile, timeless);
    for (name, source, is_known) in [("timely", pile, true), ("timeless", timeless, false)] {
        let store = open(&c_plugin(dir.path(), name, &source)).await.unwrap();
        put(&*store, "x").await.unwrap();
        let head = store.head(&Key::new("x").unwrap().into()).await.unwrap();
        assert_eq!(head.modified.is_some(), is_known, "{name}");
    }
}

/// The example in C, of which one function says that all is well and gives no handle.
fn forgetful(dir: &Path, name: &str, function: &str) -> std::path::PathBuf {
    let source = format!(
        r#"{function} {{ return SNAP_OK; }}
static int32_t describes(const snap_call *call, void *store) {{
  snap_description it = {{.struct_size = sizeof it, .capabilities = SNAP_CAN_UPLOADS}};
  it.part_size_max = it.max_parts = 1 << 20;
  call->host->description(call->reply, &it);
  return SNAP_OK;
}}
int32_t snapstore_plugin_v1(snap_plugin *out) {{
  int32_t code = pile(out);
  out->{name} = forgets;
  if (out->start_upload) out->describe = describes; else (void)describes;
  return code;
}}"#
    );
    built::pile_with(dir, name, &source)
}

/// The program died of a store that was none.
#[tokio::test]
async fn a_handle_that_was_forgotten_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let no_handle = |error: Error| assert!(error.to_string().contains("gave no handle"), "{error}");
    let store = "static int32_t forgets(const snap_call *c, snap_bytes o, void **s)";
    no_handle(
        open(&forgetful(dir.path(), "open", store))
            .await
            .unwrap_err(),
    );
    let key = Key::new("key").unwrap();
    let reader = "static int32_t forgets(const snap_call *c, void *s, snap_bytes k, snap_bytes v, uint64_t a, uint64_t e, void **r)";
    let store = open(&forgetful(dir.path(), "get", reader)).await.unwrap();
    no_handle(store.get(&key.clone().into(), None).await.unwrap_err());
    let upload = "static int32_t forgets(const snap_call *c, void *s, snap_bytes k, uint32_t m, uint64_t p, void **u)";
    let store = open(&forgetful(dir.path(), "start_upload", upload))
        .await
        .unwrap();
    let options = UploadOptions {
        mode: PutMode::Overwrite,
        part_size: 1000,
    };
    no_handle(store.start_upload(&key, options).await.unwrap_err());
}

#[tokio::test]
async fn kinds_words_and_retryability_cross_the_boundary() {
    let store = open(&example("rude")).await.unwrap();
    let error = put(&*store, "busy").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_retryable()),
        (ErrorKind::RateLimited, true)
    );
    assert_eq!(error.message(), "slow down");
    let missing = store
        .read(&Key::new("none").unwrap().into())
        .await
        .unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
}

/// A host from before uploads were added gives less room; the plugin fills only that.
#[test]
fn an_older_host_gets_what_it_has_room_for() {
    use snapstore_plugin::abi::{Entry, OK, Plugin};
    let path = example("shelf");
    // SAFETY: our own example.
    let library = unsafe { libloading::Library::new(path) }.unwrap();
    // SAFETY: it exports this symbol.
    let entry = unsafe { library.get::<Entry>("snapstore_plugin_v1") }.unwrap();
    let room = std::mem::offset_of!(Plugin, start_upload);
    let mut table = Plugin {
        struct_size: room as u32,
        ..Plugin::default()
    };
    // SAFETY: the table is as the header says.
    assert_eq!(unsafe { entry(&mut table) }, OK);
    assert_eq!(table.struct_size as usize, room);
    assert!(table.read.is_some() && table.start_upload.is_none());
    std::mem::forget(library);
}
