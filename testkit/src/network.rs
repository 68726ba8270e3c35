//! Machines of a cluster, as network namespaces: each has an address of its own and a link that can be cut. Nothing of it
//! is seen outside, and all of it is gone when it is dropped.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use anyhow::{Context, Result, anyhow};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

use crate::program;

/// Where `ip netns` keeps namespaces by name.
const NAMED: &str = "/run/netns";

/// What the names of ours begin with; the process that made them follows.
const OURS: &str = "etcdbr-";

/// The link of a machine to the switch, as the machine calls it.
const UPLINK: &str = "uplink";

/// How many networks this process has made.
static MADE: AtomicU32 = AtomicU32::new(0);

/// A network namespace of a name. Removed when dropped: what still runs in it goes on, cut off from all others.
#[derive(Debug)]
pub struct Namespace {
    name: String,
}

impl Namespace {
    fn new(name: String) -> Result<Self> {
        ip(["netns", "add", &name]).context(
            "network namespaces cannot be made, and a test needs them: run it as root, in a container that may \
             (CAP_SYS_ADMIN and CAP_NET_ADMIN)",
        )?;
        Ok(Self { name })
    }

    fn path(&self) -> PathBuf {
        Path::new(NAMED).join(&self.name)
    }

    /// `program`, to run in it. Its process is that of `program` itself.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("nsenter");
        let mut net = OsStr::new("--net=").to_owned();
        net.push(self.path());
        command.arg(net).arg("--").arg(program);
        command
    }

    /// Does `work` in it, in a thread of its own. Sockets that it opens stay there.
    pub fn within<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T> {
        let namespace = File::open(self.path()).with_context(|| self.name.clone())?;
        let enter_and_work = || -> Result<T> {
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))
                .with_context(|| format!("enter {}", self.name))?;
            Ok(work())
        };
        thread::scope(|scope| scope.spawn(enter_and_work).join())
            .map_err(|_| anyhow!("what was done in {} panicked", self.name))?
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // What is left would be removed by the next who makes some.
        let _ = ip(["netns", "del", &self.name]);
    }
}

/// Machines at one switch.
#[derive(Debug)]
pub struct Network {
    switch: Namespace,
    machines: Vec<Arc<Namespace>>,
}

impl Network {
    /// So many machines, which all reach each other: within a second or two, as the kernel looks at most once a
    /// second whether links are up (Linux, net/core/link_watch.c).
    ///
    /// Errors: what `ip` says, where this process may not make namespaces.
    pub fn new(machines: usize) -> Result<Self> {
        remove_leftovers();
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = |what: &str| format!("{OURS}{}-{number}-{what}", std::process::id());
        let switch = Namespace::new(name("switch"))?;
        let at = ["-n", &switch.name];
        ip([&at[..], &["link", "add", "bridge", "type", "bridge"]].concat())?;
        ip([&at[..], &["link", "set", "bridge", "up"]].concat())?;
        let mut network = Self {
            switch,
            machines: Vec::new(),
        };
        for machine in 0..machines {
            let namespace = Namespace::new(name(&machine.to_string()))?;
            network.connect(machine, &namespace)?;
            network.machines.push(Arc::new(namespace));
        }
        Ok(network)
    }

    fn connect(&self, machine: usize, namespace: &Namespace) -> Result<()> {
        let (switch, own) = (&self.switch.name, &namespace.name);
        let (port, address) = (port(machine), format!("{}/24", Self::address(machine)));
        let at_switch = ["-n", switch, "link"];
        let pair = [
            "add", &port, "type", "veth", "peer", "name", UPLINK, "netns", own,
        ];
        ip([&at_switch[..], &pair].concat())?;
        ip([&at_switch[..], &["set", &port, "master", "bridge", "up"]].concat())?;
        ip(["-n", own, "address", "add", &address, "dev", UPLINK])?;
        ip(["-n", own, "link", "set", UPLINK, "up"])?;
        ip(["-n", own, "link", "set", "lo", "up"])?;
        Ok(())
    }

    /// The address of a machine, which only those at this switch reach.
    pub fn address(machine: usize) -> Ipv4Addr {
        let host = u8::try_from(machine + 1).unwrap_or(u8::MAX);
        Ipv4Addr::new(10, 77, 0, host)
    }

    /// A machine.
    pub fn machine(&self, machine: usize) -> Option<Arc<Namespace>> {
        self.machines.get(machine).cloned()
    }

    /// Pulls the cable of a machine: what it sends, and what is sent to it, is gone without a word. It reaches itself.
    pub fn cut(&self, machine: usize) -> Result<()> {
        self.set(machine, "down")
    }

    /// Plugs it in again. It is reached within a second or two.
    pub fn mend(&self, machine: usize) -> Result<()> {
        self.set(machine, "up")
    }

    fn set(&self, machine: usize, state: &str) -> Result<()> {
        let at = ["-n", &self.switch.name, "link", "set"];
        ip([&at[..], &[&port(machine), state]].concat())?;
        Ok(())
    }
}

/// The link of a machine at the switch.
fn port(machine: usize) -> String {
    format!("port{machine}")
}

fn ip<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Result<String> {
    program::output(Path::new("ip"), arguments)
}

/// What tests that were killed have left.
fn remove_leftovers() {
    let named = fs::read_dir(NAMED).into_iter().flatten().flatten();
    for name in named.filter_map(|entry| entry.file_name().into_string().ok()) {
        let process = name
            .strip_prefix(OURS)
            .and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
        let is_gone = |process: u32| !Path::new("/proc").join(process.to_string()).exists();
        if process.is_some_and(is_gone) {
            // Another may have been quicker.
            let _ = ip(["netns", "del", &name]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wait::until;
    use std::io::Read;
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::time::Duration;

    #[test]
    fn machines_reach_each_other_but_for_one_that_is_cut_off() {
        let network = Network::new(2).unwrap();
        let [first, second] = [0, 1].map(|machine| network.machine(machine).unwrap());
        let address = SocketAddr::from((Network::address(0), 7));
        let listener = first
            .within(|| TcpListener::bind(address))
            .unwrap()
            .unwrap();
        let connect = |from: &Namespace| {
            from.within(|| TcpStream::connect_timeout(&address, Duration::from_millis(500)))
                .unwrap()
        };
        let reach = |from: &Namespace| {
            until("a connection", Duration::from_secs(20), || {
                Ok(connect(from).ok())
            })
        };
        let mut connection = reach(&second).unwrap();
        drop(listener.accept().unwrap());
        assert_eq!(connection.read(&mut [0]).unwrap(), 0);
        network.cut(0).unwrap();
        assert!(connect(&second).is_err());
        reach(&first).unwrap();
        network.mend(0).unwrap();
        reach(&second).unwrap();
    }

    #[test]
    fn nothing_is_left_of_it() {
        let network = Network::new(1).unwrap();
        let machine = network.machine(0).unwrap();
        let paths = [network.switch.path(), machine.path()];
        assert!(paths.iter().all(|path| path.exists()));
        drop(network);
        assert!(!paths[0].exists() && paths[1].exists());
        drop(machine);
        assert!(!paths[1].exists());
    }
}
