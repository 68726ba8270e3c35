//! The end of a process that let a plugin in.

use std::io::Write;

use super::library;

/// Ends the process with this exit code, if a plugin was loaded or its loading begun; else returns.
///
/// The ordinary end of a process runs what libraries leave behind for it, for as long as they like. What
/// a plugin has to finish, it finishes in `close`.
pub fn leave(code: u8) {
    if library::begun() {
        // Nobody is left to hear of it.
        let _ = std::io::stdout().flush();
        // SAFETY: it ends the process at once.
        unsafe { libc::_exit(i32::from(code)) };
    }
}
