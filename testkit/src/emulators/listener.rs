//! Whether the server that answers on a port is the one that was started.

use std::fs;

/// Whether process `pid` listens on `port`. Reads /proc/net/tcp and /proc/PID/fd (proc(5)).
pub(super) fn is(pid: u32, port: u16) -> bool {
    let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    let open: Vec<_> = open
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|link| link.into_os_string().into_string().ok())
        .collect();
    ["/proc/net/tcp", "/proc/net/tcp6"].iter().any(|table| {
        let table = fs::read_to_string(table).unwrap_or_default();
        let sockets: Vec<_> = listening(&table, port).collect();
        sockets.iter().any(|socket| open.contains(socket))
    })
}

/// The sockets in `table` that listen on `port`, as they are named below /proc/PID/fd.
fn listening(table: &str, port: u16) -> impl Iterator<Item = String> {
    const LISTEN: &str = "0A";
    let port = format!(":{port:04X}");
    table.lines().filter_map(move |line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let (address, state, inode) = (fields.get(1)?, fields.get(3)?, fields.get(9)?);
        let ours = address.ends_with(&port) && *state == LISTEN;
        ours.then(|| format!("socket:[{inode}]"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_port_belongs_to_who_listens() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(is(std::process::id(), port));
        assert!(!is(1, port));
        drop(listener);
        assert!(!is(std::process::id(), port));
    }
}
