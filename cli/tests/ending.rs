//! How a command ends that has done its work.

mod support;

use std::fs;
use std::process::Command;

use support::{Run, Site};

/// Tells of each thread that the main thread detaches.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>
int pthread_detach(pthread_t thread) {
    int (*real)(pthread_t) = dlsym(RTLD_NEXT, "pthread_detach");
    static const char told[] = "the main thread detaches one\n";
    if (gettid() == getpid()) (void)!write(2, told, sizeof told - 1);
    return real(thread);
}
"#;

/// One run in some thousands had done its work, and ended by a segmentation fault: at the end the threads of the runtime were
/// asked to end and detached at the same time, and glibc reads the memory of one that has just ended.
#[test]
fn no_thread_is_detached_at_the_end() {
    let site = Site::with_backup("e35-gzip");
    let (source, shim) = (site.path().join("shim.c"), site.path().join("shim.so"));
    fs::write(&source, SHIM).unwrap();
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-o"])
        .arg(&shim)
        .arg(&source)
        .arg("-ldl");
    assert!(cc.status().unwrap().success(), "the shim is not compiled");
    for verb in ["list", "gc"] {
        let flags: &[&str] = if verb == "gc" { &["--dry-run"] } else { &[] };
        let mut command = site.command(verb, flags);
        command.env("LD_PRELOAD", &shim);
        let run = Run::of(command);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(
            !run.stderr.contains("the main thread detaches one"),
            "{}",
            run.stderr
        );
    }
}
