use std::net::SocketAddr;

use super::account::Account;
use crate::loopback::Loopback;

/// How an emulator behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who may come in.
    pub accounts: Vec<Account>,
    /// What V4 signatures must be made for.
    pub region: String,
    /// The length of the shortest part that may stand before another, in bytes.
    pub shortest_part: u64,
    /// Where it listens; port 0 is any that is free.
    pub address: SocketAddr,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            accounts: vec![Account::new("etcdbr-test", "etcdbr-test-secret")],
            region: "cn-hangzhou".to_owned(),
            shortest_part: 100 << 10,
            address: Loopback::ANYWHERE,
        }
    }
}
