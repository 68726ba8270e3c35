//! Where a pod is.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use testkit::network::{Namespace, Network};

/// An address, and the machine that has it.
#[derive(Clone)]
pub(crate) struct Place {
    /// Where its peers find it.
    pub(crate) ip: String,
    /// `None`: an address of the loopback, as each pod has one of its own.
    machine: Option<Arc<Namespace>>,
}

impl Place {
    pub(crate) fn on_loopback(number: usize) -> Self {
        Self {
            ip: format!("127.0.0.{}", number + 1),
            machine: None,
        }
    }

    /// A machine of its own.
    pub(crate) fn on(network: &Network, number: usize) -> Self {
        Self {
            ip: Network::address(number).to_string(),
            machine: Some(network.machine(number).unwrap()),
        }
    }

    /// Where its sidecar listens: on a machine of its own everywhere, as in a pod.
    pub(crate) fn listens(&self) -> &str {
        match self.machine {
            None => &self.ip,
            Some(_) => "0.0.0.0",
        }
    }

    /// Where its sidecar is asked from within the pod.
    pub(crate) fn inside(&self) -> &str {
        match self.machine {
            None => &self.ip,
            Some(_) => "127.0.0.1",
        }
    }

    pub(crate) fn command(&self, program: &Path) -> Command {
        match &self.machine {
            None => Command::new(program),
            Some(machine) => machine.command(program),
        }
    }

    /// `None` where nobody listens.
    pub(crate) fn connect(&self, address: &str) -> Option<TcpStream> {
        let connect = || TcpStream::connect(address).ok();
        match &self.machine {
            None => connect(),
            Some(machine) => machine.within(connect).unwrap(),
        }
    }
}

/// Where an etcd is asked.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) place: Place,
    pub(crate) address: String,
}

impl Door {
    /// `None` where nobody listens.
    pub(crate) fn open(&self) -> Option<TcpStream> {
        self.place.connect(&self.address)
    }
}
