//! The end of a process that let a plugin in.

use super::library;

/// Ends the process with this exit code, if a plugin was loaded or its loading begun; else returns.
///
/// The ordinary end of a process runs what libraries leave behind for it, for as long as they like. What
/// a plugin has to finish, it finishes in `close`; what is to be printed is printed before.
pub fn leave(code: u8) {
    if library::begun() {
        // SAFETY: it ends the process at once.
        unsafe { libc::_exit(i32::from(code)) };
    }
}
