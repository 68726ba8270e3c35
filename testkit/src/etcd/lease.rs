use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::{Etcd, Int};

#[derive(Serialize, Deserialize)]
struct Lease {
    #[serde(rename = "ID")]
    id: Int,
}

/// How long a lease lasts, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct LeaseTime {
    /// From now on; -1 when there is no such lease.
    #[serde(default, rename = "TTL")]
    pub left: Int,
    /// From a keep-alive on.
    #[serde(default, rename = "grantedTTL")]
    pub granted: Int,
}

impl Etcd {
    /// Grants the lease `id` for `ttl` seconds.
    pub fn grant(&self, id: i64, ttl: i64) -> Result<()> {
        #[derive(Serialize)]
        struct Grant {
            #[serde(rename = "ID")]
            id: Int,
            #[serde(rename = "TTL")]
            ttl: Int,
        }
        let grant = Grant {
            id: id.into(),
            ttl: ttl.into(),
        };
        self.gateway()
            .call::<serde_json::Value>("lease/grant", &grant)?;
        Ok(())
    }

    /// Ends a lease, and with it its keys.
    pub fn revoke(&self, id: i64) -> Result<()> {
        let lease = Lease { id: id.into() };
        self.gateway()
            .call::<serde_json::Value>("lease/revoke", &lease)?;
        Ok(())
    }

    /// Every lease, in order.
    pub fn leases(&self) -> Result<Vec<i64>> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(default)]
            leases: Vec<Lease>,
        }
        let none = serde_json::json!({});
        let answer: Answer = self.gateway().call("lease/leases", &none)?;
        let mut leases: Vec<i64> = answer
            .leases
            .iter()
            .map(|lease| lease.id.signed())
            .collect();
        leases.sort_unstable();
        Ok(leases)
    }

    /// How long the lease `id` lasts.
    pub fn lease_time(&self, id: i64) -> Result<LeaseTime> {
        self.gateway()
            .call("lease/timetolive", &Lease { id: id.into() })
    }
}
