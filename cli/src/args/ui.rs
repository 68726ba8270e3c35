use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::Resettable::Reset;

use super::StoreArgs;
use super::time::above_zero;

/// Flags of `ui`.
#[derive(Debug, Args)]
pub(crate) struct UiArgs {
    /// Directory with backups, short for --storage-provider Local --store-container DIR
    #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub(crate) directory: Option<String>,
    #[command(flatten)]
    store: StoreArgs,
    /// Address and port of this machine to listen on; port 0 takes any that is free
    #[arg(long, help_heading = Reset, value_name = "ADDRESS", default_value = "127.0.0.1:8379", value_parser = listening)]
    pub(crate) listen: SocketAddr,
    /// How often the store is listed, at most, while somebody looks at the page
    #[arg(long, help_heading = Reset, value_name = "DURATION", default_value = "60s", value_parser = above_zero)]
    pub(crate) refresh_period: Duration,
    /// Report that drills leave (drill --report), to show what the last one came to
    #[arg(long, help_heading = Reset, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) drill_report: Option<PathBuf>,
}

impl UiArgs {
    /// The store that is named, in whatever way.
    pub(crate) fn store(&self) -> StoreArgs {
        match &self.directory {
            Some(directory) => self.store.clone().of_directory(directory),
            None => self.store.clone(),
        }
    }
}

/// An address, or `localhost`, which is this machine whatever a resolver says (RFC 6761).
fn listening(text: &str) -> Result<SocketAddr, String> {
    let named = text.rsplit_once(':');
    if let Some((_, port)) = named.filter(|(name, _)| name.eq_ignore_ascii_case("localhost")) {
        let no_port = |_| format!("{port:?} is no port: there are 0 to 65535");
        let port: u16 = port.parse().map_err(no_port)?;
        return Ok((Ipv4Addr::LOCALHOST, port).into());
    }
    let no_address = |_| {
        "it is no address with a port, as 127.0.0.1:8379, [::1]:8379 or localhost:8379".to_owned()
    };
    text.parse::<SocketAddr>().map_err(no_address)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `--listen localhost:8379` was "invalid socket address syntax", while the page itself is called so in every browser.
    #[test]
    fn localhost_is_this_machine() {
        for (text, address) in [
            ("localhost:8379", "127.0.0.1:8379"),
            ("LOCALHOST:0", "127.0.0.1:0"),
            ("127.0.0.1:9", "127.0.0.1:9"),
            ("[::1]:9", "[::1]:9"),
        ] {
            assert_eq!(listening(text), Ok(address.parse().unwrap()), "{text}");
        }
        for (text, why) in [
            ("localhost", "no address with a port"),
            ("localhost:http", "no port"),
            ("localhost:65536", "no port"),
            ("example.org:80", "no address with a port"),
            ("localhost.example.org:80", "no address with a port"),
        ] {
            let told = listening(text).unwrap_err();
            assert!(told.contains(why), "{text}: {told}");
        }
    }
}
